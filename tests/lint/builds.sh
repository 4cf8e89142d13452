#!/usr/bin/env bash
# builds.sh SOURCE-DIR: what a user may configure without options of his own: no build type and the
# three of CMake, gcc and clang, Make and Ninja. All of them configure; each compiler builds the host's
# code and kernels with each type, and one build is whole. None warns, sanitizes or takes a
# warning for an error.
. "$(dirname "$0")/lint.sh"
source_dir=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Compilers and options come from this script alone.
unset CC CXX CFLAGS CXXFLAGS LDFLAGS CMAKE_GENERATOR CMAKE_BUILD_TYPE

# configure FOLDER GENERATOR COMPILER [TYPE]
configure() {
    local folder=$1 cxx=g++ options=()
    [ "$3" = gcc ] || cxx=clang++
    [ -z "${4-}" ] || options=("-DCMAKE_BUILD_TYPE=$4")
    if ! cmake -G "$2" -S "$source_dir" -B "$folder" -DCMAKE_C_COMPILER="$3" \
        -DCMAKE_CXX_COMPILER=$cxx "${options[@]}" >"$folder.log" 2>&1; then
        cat "$folder.log"
        fail "$2, $3, build type '${4-}': cannot be configured"
        return 1
    fi
    if grep -lqE -e '-fsanitize|-Werror' "$folder/compile_commands.json"; then
        fail "$2, $3, build type '${4-}': sanitizers or -Werror without being asked for"
        return 1
    fi
    pass
}

# build FOLDER WHAT [TARGETS...]: builds them, all where none is named, without a warning.
build() {
    local folder=$1 what=$2
    shift 2
    if ! cmake --build "$folder" -j 2 ${1:+--target "$@"} >"$folder.log" 2>&1; then
        cat "$folder.log"
        fail "$what does not build"
    elif grep -E 'warning:' "$folder.log"; then
        fail "$what warns"
    else
        pass
    fi
}

# A kernel of each kind, and what links into the tools.
targets=(baton_core baton_vm hello hello-cpp hello-asm hello-pie higher-half memory inspect)
for type in '' Release MinSizeRel Debug; do
    for compiler in gcc clang; do
        # Each generator builds with each compiler and with each type.
        for generator in Ninja 'Unix Makefiles'; do
            name="$generator, $compiler, build type '$type'"
            folder="$scratch/$generator-$compiler-$type"
            configure "$folder" "$generator" $compiler $type || continue
            case $generator:$compiler:$type in
                *Makefiles:gcc:Release) build "$folder" "$name" ;;
                *Makefiles:gcc:*e* | Ninja:gcc: | *Makefiles:clang: | Ninja:clang:*e*)
                    build "$folder" "$name" "${targets[@]}"
                    ;;
            esac
            rm -rf "$folder"
        done
    done
done
finish builds
