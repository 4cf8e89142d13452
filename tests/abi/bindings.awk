# awk -v language=c|rust|nim|d -f bindings.awk abi/bootinfo.h: a program that prints every constant,
# and the offset and size of every field, as that language has them. What it prints is alike for
# all. BOOTINFO_OFFSET_* are for assembly only.
function constant(name) {
    if (language == "c") {
        printf "    print(\"%s\", (uint64_t)(%s));\n", name, name
    } else if (language == "rust") {
        printf "    print(\"%s\", %s as u64);\n", name, name
    } else if (language == "d") {
        printf "    print(\"%s\", cast(ulong) %s);\n", name, name
    } else {
        printf "show(\"%s\", bits(%s))\n", name, name
    }
}

function size_of(type) {
    if (language == "c") {
        printf "    print(\"sizeof %s\", sizeof(struct %s));\n", type, type
    } else if (language == "rust") {
        printf "    print(\"sizeof %s\", std::mem::size_of::<%s>() as u64);\n", type, type
    } else if (language == "d") {
        printf "    print(\"sizeof %s\", %s.sizeof);\n", type, type
    } else {
        printf "show(\"sizeof %s\", uint64(sizeof(%s)))\n", type, type
    }
}

function field(type, name) {
    if (language == "c") {
        printf "    print(\"%s.%s\", offsetof(struct %s, %s));\n", type, name, type, name
        printf "    print(\"sizeof %s.%s\", sizeof(((struct %s *)0)->%s));\n", type, name, type, name
    } else if (language == "rust") {
        own = name == "type" ? "r#type" : name
        printf "    field!(%s, %s, \"%s.%s\");\n", type, own, type, name
    } else if (language == "d") {
        printf "    print(\"%s.%s\", %s.%s.offsetof);\n", type, name, type, name
        printf "    print(\"sizeof %s.%s\", typeof(%s.%s).sizeof);\n", type, name, type, name
    } else {
        printf "show(\"%s.%s\", uint64(offsetOf(%s, `%s`)))\n", type, name, type, name
        printf "show(\"sizeof %s.%s\", uint64(sizeof(default(%s).`%s`)))\n", type, name, type, name
    }
}

BEGIN {
    if (language == "c") {
        print "#include \"bootinfo.h\"\n#include <stdio.h>"
        print "static void print(const char *name, uint64_t value)\n{"
        print "    printf(\"%s %016llx\\n\", name, (unsigned long long)value);\n}"
        print "int main(void)\n{"
    } else if (language == "rust") {
        print "#[path = \"" binding "\"]\nmod bootinfo;\nuse bootinfo::*;"
        print "fn print(name: &str, value: u64) {\n    println!(\"{} {:016x}\", name, value);\n}"
        print "macro_rules! field {\n    ($type:ident, $field:ident, $name:literal) => {"
        print "        let whole = std::mem::MaybeUninit::<$type>::zeroed();"
        print "        let whole = unsafe { whole.assume_init() };"
        print "        let at = &whole.$field as *const _ as usize - &whole as *const _ as usize;"
        print "        print($name, at as u64);"
        print "        let size = std::mem::size_of_val(&whole.$field);"
        print "        print(concat!(\"sizeof \", $name), size as u64);"
        print "    };\n}"
        print "fn main() {"
    } else if (language == "d") {
        print "import bootinfo, core.stdc.stdio;"
        print "void print(const char* name, ulong value)\n{"
        print "    printf(\"%s %016llx\\n\", name, value);\n}"
        print "void main()\n{"
    } else {
        print "import std/strutils, bootinfo"
        print "proc bits(value: SomeUnsignedInt): uint64 = uint64(value)"
        print "proc bits(value: int64): uint64 = cast[uint64](value)"
        print "proc show(name: string, value: uint64) ="
        print "  echo name, \" \", toHex(value).toLowerAscii"
    }
}

/^#define BOOTINFO_OFFSET_/ { next }
/^#define BOOTINFO_[A-Z0-9_]+ +\(?-?(BOOTINFO_[UI][0-9]+\(|[0-9])/ { constant($2) }

/^BOOTINFO_ASSERT\(sizeof\(struct BootInfo[A-Za-z]*\) ==/ {
    type = $2
    sub(/\).*/, "", type)
    size_of(type)
}

/^BOOTINFO_ASSERT_OFFSET\(/ {
    split($0, part, /[(), ]+/)
    field(part[2], part[3])
}

END {
    if (language == "c") {
        print "    return 0;\n}"
    } else if (language == "rust" || language == "d") {
        print "}"
    }
}
