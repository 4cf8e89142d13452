# awk -f header.awk abi/bootinfo.h: a C program that prints the ABI as JSON, a line for each constant
# and each field. Names, types and comments are the header's text; values, offsets and sizes are
# what the compiler makes of it.
function trimmed(text) {
    sub(/^[ \t]+/, "", text)
    sub(/[ \t]+$/, "", text)
    return text
}

# As a string of C that is a string of JSON.
function quoted(text) {
    gsub(/\\/, "\\\\\\\\", text)
    gsub(/"/, "\\\\\\\"", text)
    return text
}

# What stands between /* and */.
function comment_of(text) {
    if (text !~ /\/\*/) {
        return ""
    }
    sub(/^[^\/]*(\/[^*][^\/]*)*\/\*/, "", text)
    sub(/\*\/.*/, "", text)
    return trimmed(text)
}

function without_comment(text) {
    sub(/[ \t]*\/\*.*/, "", text)
    return trimmed(text)
}

function type_of(name) {
    if (name ~ /^u?int[0-9]+_t$/) {
        return (name ~ /^u/ ? "u" : "i") (name ~ /8_t$/ ? 8 : name ~ /16_t$/ ? 16 : name ~ /32_t$/ ? 32 : 64)
    }
    return name
}

function constant(name, value, comment) {
    type = "u32"
    if (value ~ /BOOTINFO_U64\(/) {
        type = "u64"
    } else if (value ~ /BOOTINFO_I64\(/) {
        type = "i64"
    } else if (name ~ /^BOOTINFO_VERSION_/) {
        type = "u16"
    }
    printf "    constant(\"%s\", \"%s\", (uint64_t)(%s), %d, \"%s\");\n", name, type, name,
        value !~ /0x/, quoted(comment)
}

function field(struct, text, comment) {
    count = split(text, part, /[ ,]+/)
    first = 2
    type = part[1]
    if (type == "struct") {
        type = part[2]
        first = 3
    }
    for (i = first; i <= count; i++) {
        name = part[i]
        sub(/\[.*/, "", name)
        items = part[i] ~ /\[/ ? part[i] : "0"
        gsub(/.*\[|\]/, "", items)
        printf "    field(\"%s\", \"%s\", %s, offsetof(struct %s, %s), sizeof(((struct %s *)0)->%s), \"%s\");\n",
            name, type_of(type), items, struct, name, struct, name, quoted(comment)
        comment = i == first && count > first ? "" : comment
    }
}

BEGIN {
    print "#include \"bootinfo.h\""
    print "#include <stdio.h>"
    print "static const char *comma;"
    print "static void end(const char *comment)\n{"
    print "    if (*comment != 0)\n        printf(\", \\\"comment\\\": \\\"%s\\\"\", comment);"
    print "    printf(\"}\");\n    comma = \",\";\n}"
    print "static void constant(const char *name, const char *type, uint64_t value, int decimal,"
    print "                     const char *comment)\n{"
    print "    printf(\"%s\\n    {\\\"name\\\": \\\"%s\\\", \\\"type\\\": \\\"%s\\\", \\\"value\\\": \", comma, name, type);"
    print "    printf(decimal ? \"\\\"%llu\\\"\" : \"\\\"0x%llX\\\"\", (unsigned long long)value);"
    print "    end(comment);\n}"
    print "static void begin(const char *name, unsigned long size)\n{"
    print "    printf(\"%s\\n    {\\\"struct\\\": \\\"%s\\\", \\\"size\\\": %lu, \\\"fields\\\": [\", comma, name, size);"
    print "    comma = \"\";\n}"
    print "static void field(const char *name, const char *type, unsigned count, unsigned long offset,"
    print "                  unsigned long size, const char *comment)\n{"
    print "    printf(\"%s\\n        {\\\"name\\\": \\\"%s\\\", \\\"type\\\": \\\"%s\\\", \", comma, name, type);"
    print "    if (count != 0)\n        printf(\"\\\"count\\\": %u, \", count);"
    print "    printf(\"\\\"offset\\\": %lu, \\\"size\\\": %lu\", offset, size);\n    end(comment);\n}"
    print "int main(void)\n{"
    print "    printf(\"{\\n  \\\"abi\\\": \\\"BootInfo\\\",\\n  \\\"major\\\": %d,\\n  \\\"minor\\\": %d,\\n\","
    print "           BOOTINFO_VERSION_MAJOR, BOOTINFO_VERSION_MINOR);"
    print "    printf(\"  \\\"constants\\\": [\");\n    comma = \"\";"
}

# Offsets for assembly are those of the fields; the target is that of the compiler.
/^#define BOOTINFO_(OFFSET_|MACHINE_TARGET)/ { next }
/^#define BOOTINFO_[A-Z0-9_]+ +\(?-?(BOOTINFO_[UI][0-9]+\(|[0-9])/ {
    value = $0
    sub(/^#define [A-Z0-9_]+ +/, "", value)
    constant($2, without_comment(value), comment_of($0))
    next
}

/^struct BootInfo[A-Za-z]* \{/ {
    if (!structs++) {
        print "    printf(\"\\n  ],\\n  \\\"structs\\\": [\");\n    comma = \"\";"
    }
    struct = $2
    statement = ""
    printf "    begin(\"%s\", sizeof(struct %s));\n", struct, struct
    next
}

/^\};/ && struct != "" {
    print "    printf(\"\\n    ]}\");\n    comma = \",\";"
    struct = ""
    next
}

struct != "" && trimmed($0) !~ /^\/\*/ {
    statement = trimmed(statement " " trimmed($0))
    if (statement ~ /;/ && (statement !~ /\/\*/ || statement ~ /\*\//)) {
        declaration = statement
        sub(/;.*/, "", declaration)
        field(struct, declaration, comment_of(statement))
        statement = ""
    }
}

END {
    print "    printf(\"\\n  ]\\n}\\n\");\n    return 0;\n}"
}
