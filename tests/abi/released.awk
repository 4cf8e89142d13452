# awk -f released.awk RELEASED.json CURRENT.json: says what a later minor version may not do to an
# earlier one. Lines as tools/abi/header.awk writes them. Comments may change; a constant keeps its
# name, type and value; a struct keeps its fields, and new ones follow the last one of before.
function without_comment(line) {
    sub(/, "comment": .*/, "}", line)
    sub(/^ +/, "", line)
    sub(/,$/, "", line)
    return line
}

function value_of(line, key) {
    if (!match(line, "\"" key "\": \"?[A-Za-z0-9_]+")) {
        return ""
    }
    line = substr(line, RSTART, RLENGTH)
    sub(/.*[: "]/, "", line)
    return line
}

function object(text) {
    print text
    objections++
}

FNR == 1 { file++ }

# These count what there is: they grow with it.
/"BOOTINFO_(VERSION_MINOR|MEMORY_TYPE_COUNT)"/ { next }

/"value": / {
    line = without_comment($0)
    name = value_of(line, "name")
    if (file == 1) {
        constants[name] = line
    } else {
        if (name in constants && constants[name] != line) {
            object(name " was " constants[name] " and is " line)
        }
        delete constants[name]
    }
}

/"struct": / {
    struct = value_of($0, "struct")
    count = 0
    if (file == 1) {
        sizes[struct] = value_of($0, "size")
    } else {
        seen[struct] = 1
    }
}

/"offset": / {
    line = without_comment($0)
    count++
    if (file == 1) {
        fields[struct, count] = line
        counts[struct] = count
    } else if (count <= counts[struct]) {
        if (fields[struct, count] != line) {
            object(struct ": field " count " was " fields[struct, count] " and is " line)
        }
        left[struct] = count
    } else if (struct in sizes && value_of(line, "offset") + 0 < sizes[struct] + 0) {
        object(struct ": " line " begins before the end of what there was, " sizes[struct])
    }
}

END {
    for (name in constants) {
        object(name " is gone")
    }
    for (struct in sizes) {
        if (!(struct in seen)) {
            object(struct " is gone")
        } else if (left[struct] < counts[struct]) {
            object(struct " has lost fields")
        }
    }
    exit objections != 0
}
