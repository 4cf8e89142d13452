# Sourced by tools/mutate: builds the unit tests, finds out what each runs, and builds one of them
# once more with files of the loader changed. $folder has it all.
# shellcheck shell=bash disable=SC2154

copy_sources() {
    mkdir -p "$folder/source"
    git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do
            [ ! -e "$file" ] || printf '%s\0' "$file"
        done | xargs -0 cp --parents --update --target-directory "$folder/source"
}

# Builds the unit tests in $1: with sanitizers or without ($2), with the compiler's options $3.
build_tests() {
    say "Building in build-mutate/$1 ..."
    if ! {
        cmake -G Ninja -S "$folder/source" -B "$folder/$1" -DBATON_TESTS=ON \
            -DBATON_SANITIZE="$2" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS="$3 -w" \
            -DCMAKE_CXX_FLAGS="$3 -w" &&
            unit_tests "$1" | xargs ninja -C "$folder/$1" -j "$jobs"
    } >"$folder/build.log" 2>&1; then
        cat "$folder/build.log" >&2
        say "The build failed; its output is in $folder/build.log"
        return 2
    fi
}

unit_tests() {
    ctest --test-dir "$folder/$1" -N -R '^unit-' | sed -n 's/^ *Test *#[0-9]*: //p'
}

# Seconds of CPU that the tests take unbroken, the quickest first: name, tab, seconds.
measure() {
    local name known TIMEFORMAT='%U %S'
    while read -r name; do
        known=$folder/plain/$name.seconds
        if [ ! "$known" -nt "$folder/plain/tests/unit/$name" ]; then
            if ! { time "$folder/plain/tests/unit/$name" >"$folder/test.log" 2>&1; } 2>"$known"; then
                rm "$known"
                cat "$folder/test.log" >&2
                say "$name fails without any change"
                return 1
            fi
        fi
        awk -v name="$name" '{ print name "\t" $1 + $2 }' "$known"
    done < <(unit_tests plain) | sort -t "$(printf '\t')" -k 2n
}

# The lines of the loader that each test runs: file, line, name; for a line of code, "-" too.
cover() {
    local name known
    cd "$folder/covered"
    while read -r name; do
        known=$name.lines
        if [ ! "$known" -nt "tests/unit/$name" ]; then
            find . -name '*.gcda' -delete
            "tests/unit/$name" >"$folder/test.log" 2>&1 || true
            find . -path '*/loader/*.gcda' -print0 | xargs -0 -r gcov -t 2>/dev/null |
                read_gcov "$name" >"$folder/lines"
            mv "$folder/lines" "$known"
        fi
        cat "$known"
    done < <(unit_tests covered)
}

read_gcov() {
    awk -F : -v name="$1" -v source="$folder/source/" '
        $3 == "Source" {
            file = index($4, source) == 1 ? substr($4, length(source) + 1) : ""
        }
        file ~ /\.c$/ && $2 > 0 && $1 !~ /-/ {
            print file "\t" $2 + 0 "\t-"
            if ($1 !~ /[#=]/) {
                print file "\t" $2 + 0 "\t" name
            }
        }'
}

# How build $1 makes its programs: in link[NAME] and compile[OBJECT], the objects of a file in
# objects[FILE]; names[] are the tests, the quickest first, with limit[NAME] seconds of CPU.
learn() {
    local name seconds file object command
    names=()
    declare -gA link=() compile=() objects=() found=() limit=() quick=() killers=()
    while read -r name seconds; do
        names+=("$name")
        limit[$name]=$(awk -v seconds="$seconds" 'BEGIN { print int(seconds * 5) + 2 }')
        quick[$name]=$(awk -v seconds="$seconds" 'BEGIN { print int(seconds * 4) }')
        command=$(cd "$folder/$1" && ninja -t commands "$name" | tail -n 1)
        command=${command#: && }
        link[$name]=${command% && :}
    done <"$folder/times"
    while read -r command; do
        object=${command##* -o }
        file=${object##* }
        file=${file#"$folder/source/"}
        object=${object%% *}
        compile[$object]=${command%% -o *}
        objects[$file]+="$object "
    done < <(sed -n 's/^ *"command": "\(.*\)",$/\1/p' "$folder/$1/compile_commands.json" |
        grep -F -- " -c $folder/source/loader/" | sed 's/\\\(["\\]\)/\1/g')
}

# The object of file $2 that test $1 is linked with: as it is, or from a library.
find_object() {
    local object target
    [ -z "${found[$1 $2]:-}" ] || return 0
    for object in ${objects[$2]:-}; do
        target=${object##*CMakeFiles/}
        case " ${link[$1]} " in
            *" $object "*)
                found[$1 $2]=$object
                return
                ;;
            *"lib${target%%.dir/*}.a "*) found[$1 $2]=$object ;;
        esac
    done
}

# Compiles file $3 of the loader, changed, as object $2 of build $1 is compiled, into $4.
compile_changed() {
    local optimised=
    [ "$1" != plain ] || optimised=-O0
    eval "${compile[$2]} $optimised -iquote $folder/source/${3%/*} -o $4 -c $mine/${3//\//-}"
}

# Links test $2 of build $1 with the files of $changed that it runs. Status 1: they do not compile.
link_changed() {
    local command=${link[$2]} file object compiled
    for file in "${!changed[@]}"; do
        case " ${changed[$file]} " in *" $2 "*) ;; *) continue ;; esac
        find_object "$2" "$file"
        object=${found[$2 $file]:-}
        [ -n "$object" ] || continue
        compiled=$mine/${object//\//-}
        [ -e "$compiled" ] || compile_changed "$1" "$object" "$file" "$compiled" || return 1
        case " $command " in
            *" $object "*) command=${command/" $object "/" $compiled "} ;;
            *) command=${command/" -o "/" $compiled -o "} ;;
        esac
    done
    command=${command/" -o tests/unit/$2 "/" -o $mine/program $folder/first_failure.o "}
    eval "$command -Wl,--wrap=waitpid $linker"
}
