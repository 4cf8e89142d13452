# Who includes whom. Its input: the paths of all files, "--", and then the files themselves, all from
# the top of the repository on. It prints a line for each include that names one of the files:
#   file, tab, included file
# An include is looked for as the compiler does: beside the file that has it (only with quotes), in
# loader/, at the top, in abi/. One with quotes that names none of the files is printed as "?name".
BEGIN {
    for (i = 1; ARGV[i] != "--"; i++) {
        known[ARGV[i]] = 1
        ARGV[i] = ""
    }
    ARGV[i] = ""
}

# "loader/core/../boot/x.h" as "loader/boot/x.h".
function normal(path,    part, count, i, kept, out) {
    count = split(path, part, "/")
    kept = 0
    for (i = 1; i <= count; i++) {
        if (part[i] == ".." && kept > 0) {
            kept--
        } else if (part[i] != "." && part[i] != "") {
            out[++kept] = part[i]
        }
    }
    path = out[1]
    for (i = 2; i <= kept; i++) {
        path = path "/" out[i]
    }
    return path
}

function found(name, quoted,    folder, i, path) {
    folder[1] = FILENAME
    sub(/[^\/]*$/, "", folder[1])
    folder[2] = "loader/"
    folder[3] = ""
    folder[4] = "abi/"
    for (i = quoted ? 1 : 2; i <= 4; i++) {
        path = normal(folder[i] name)
        if (path in known) {
            return path
        }
    }
    return quoted ? "?" name : ""
}

/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    quoted = $0 ~ /^[^<]*"/
    name = $0
    sub(/^[^"<]*["<]/, "", name)
    sub(/[">].*/, "", name)
    target = found(name, quoted)
    if (target != "") {
        print FILENAME "\t" target
    }
}
