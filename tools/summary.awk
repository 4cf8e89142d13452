# Reads ctest's LastTest.log: prints the closing line of every suite and the total.
# A suite that had to be left out says "SKIPPED: why"; it counts as nothing. Status 1: something
# failed, or nothing ran.
function close_suite() {
    if (name == "") {
        return
    }
    if (!counted && passed_word) {
        print name ": 1 passed, 0 failed"
        passed++
    } else if (!passed_word && own_failed == 0) {
        print name ": " own_passed " passed, 1 failed (it ended badly)"
        failed++
    }
    name = ""
}

/^[0-9]+\/[0-9]+ Testing: / {
    close_suite()
    name = $3
    counted = passed_word = own_passed = own_failed = 0
    next
}

name != "" && /^[A-Za-z0-9_ -]+: [0-9]+ passed, [0-9]+ failed$/ {
    counted = 1
    own_passed += $(NF - 3)
    own_failed += $(NF - 1)
    passed += $(NF - 3)
    failed += $(NF - 1)
    print
    next
}

/^SKIPPED: / {
    counted = 1
    skipped++
    print name ": " $0
}

/^Test Passed\.$/ { passed_word = 1 }

END {
    close_suite()
    printf "\n%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
    exit (failed > 0 || passed == 0) ? 1 : 0
}
