# awk -v language=rust|nim|asm|zig|d -f languages.awk abi/bootinfo.json: the constants and structs as
# that language declares them. The JSON has a line for each constant and each field, as header.awk
# writes it.
function text_of(key) {
    if (!match($0, "\"" key "\": \"([^\"\\\\]|\\\\.)*\"")) {
        return ""
    }
    found = substr($0, RSTART + length(key) + 5, RLENGTH - length(key) - 6)
    gsub(/\\"/, "\"", found)
    gsub(/\\\\/, "\\", found)
    return found
}

function number_of(key) {
    if (!match($0, "\"" key "\": [0-9]+")) {
        return 0
    }
    return substr($0, RSTART + length(key) + 4, RLENGTH - length(key) - 4) + 0
}

function remark(mark, comment) {
    return comment == "" ? "" : " " mark " " comment
}

# The smallest number is written in no language as it is.
function is_smallest(type, value) {
    return type == "i64" && value == "0x8000000000000000"
}

function constant(name, type, value, comment) {
    if (language == "rust") {
        printf "pub const %s: %s = %s;%s\n", name, type,
            is_smallest(type, value) ? "i64::MIN" : value, remark("//", comment)
    } else if (language == "nim") {
        printf "  %s* = %s%s\n", name, is_smallest(type, value) ? "low(int64)" : value "'" type,
            remark("##", comment)
    } else if (language == "asm") {
        printf "%s equ %s%s\n", name, value, remark(";", comment)
    } else if (language == "zig") {
        printf "pub const %s: %s = %s;%s\n", name, type,
            is_smallest(type, value) ? "-0x8000000000000000" : value, remark("//", comment)
    } else {
        printf "enum %s %s = %s;%s\n", d_type(type), name,
            is_smallest(type, value) ? "long.min" : value, remark("//", comment)
    }
}

function d_type(type) {
    if (type == "u8") return "ubyte"
    if (type == "u16") return "ushort"
    if (type == "u32") return "uint"
    if (type == "u64") return "ulong"
    return type == "i64" ? "long" : type
}

function nim_type(type) {
    if (type ~ /^u[0-9]+$/) return "uint" substr(type, 2)
    return type ~ /^i[0-9]+$/ ? "int" substr(type, 2) : type
}

function begin(name, size) {
    if (language == "rust") {
        printf "\n#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct %s {\n", name
    } else if (language == "nim") {
        printf "%s\n  %s* {.bycopy.} = object\n", structs++ ? "" : "\ntype", name
    } else if (language == "asm") {
        printf "\n%s.sizeof equ %d\n", name, size
    } else if (language == "zig") {
        printf "\npub const %s = extern struct {\n", name
    } else {
        printf "\nextern (C) struct %s\n{\n", name
    }
}

function field(name, type, count, offset, comment) {
    if (language == "rust") {
        printf "    pub %s: %s,%s\n", name == "type" ? "r#type" : name,
            count ? "[" type "; " count "]" : type, remark("//", comment)
    } else if (language == "nim") {
        printf "    %s*: %s%s\n", name == "type" ? "`type`" : name,
            count ? "array[" count ", " nim_type(type) "]" : nim_type(type), remark("##", comment)
    } else if (language == "asm") {
        printf "%s.%s equ %d%s\n", struct, name, offset, remark(";", comment)
    } else if (language == "zig") {
        printf "    %s: %s,%s\n", name == "type" ? "@\"type\"" : name,
            count ? "[" count "]" type : type, remark("//", comment)
    } else {
        printf "    %s%s %s;%s\n", d_type(type), count ? "[" count "]" : "", name,
            remark("//", comment)
    }
}

# A blank line where another group begins: BOOTINFO_FLAG_* after BOOTINFO_KERNEL_*.
function group_of(name) {
    split(name, part, "_")
    return part[2]
}

BEGIN {
    if (language == "nim") {
        print "const"
    }
}

/"value": / {
    name = text_of("name")
    if (group != "" && group_of(name) != group) {
        print ""
    }
    group = group_of(name)
    constant(name, text_of("type"), text_of("value"), text_of("comment"))
    next
}

/"struct": / {
    struct = text_of("struct")
    begin(struct, number_of("size"))
    next
}

/"offset": / {
    field(text_of("name"), text_of("type"), number_of("count"), number_of("offset"), text_of("comment"))
    next
}

/^ *\]\}/ && (language == "rust" || language == "d") { print "}" }
/^ *\]\}/ && language == "zig" { print "};" }
