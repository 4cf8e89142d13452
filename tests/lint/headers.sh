#!/usr/bin/env bash
# headers.sh SOURCE-DIR: a header of the loader declares the functions of one module, at most 15.
. "$(dirname "$0")/lint.sh"
most=15

# Functions that the header $1 declares: lines that begin a declaration at the left margin and those
# that follow up to the semicolon are one.
count_of() {
    awk '
        { sub(/[ \t]*\/\*.*\*\/[ \t]*$/, "") }
        /^[A-Za-z_]/ && !/^(struct|enum|union) [a-z_]+ *\{/ && !/^(typedef|extern|static|_Static_assert)/ { text = "" ; open = 1 }
        open { text = text $0 }
        open && /;$/ { if (text ~ /\(.*\);$/) { count++ } open = 0 }
        open && /\{$/ { open = 0 }
        END { print count + 0 }' "$1"
}

cd "$1"
while read -r header; do
    count=$(count_of "$header")
    if [ "$count" -le "$most" ]; then
        pass
    else
        fail "$header declares $count functions; at most $most are one module"
    fi
done < <(find loader -name '*.h' | sort)
finish headers
