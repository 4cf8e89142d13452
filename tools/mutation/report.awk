# Sums up what tools/mutate found. The first file has the reasons for survivors: file, change,
# source line, reason; the second one the verdicts: verdict, file, line, change, source line.
# Tabs in between. Status 1: somebody survived without a reason.
BEGIN {
    FS = "\t"
}

FNR == NR {
    if ($0 !~ /^#/ && NF == 4) {
        reason[$1, $2, $3] = $4
    }
    next
}

{
    split($1, verdict, " ")
    word = verdict[1]
    if (word == "survived" && ($2, $4, $5) in reason) {
        word = "excused"
    }
    count[word]++
    if (word == "survived") {
        print $2 ":" $3 ": " $4 "    " $5
    }
}

END {
    printf "\nmutate: %d killed (%d of them as they never ended), %d survived, ",
        count["killed"] + count["endless"], count["endless"], count["survived"]
    printf "%d survived for a known reason, ", count["excused"]
    printf "%d make no difference, %d do not compile\n", count["equal"], count["invalid"]
    exit count["survived"] > 0 ? 1 : 0
}
