# Circles among arrows. A line of input is: from, tab, to, tab, why (or nothing). Prints each circle
# as a line with its members, and below it its arrows with a reason each.
BEGIN {
    FS = "\t"
}

{
    if (!($1 in number)) {
        number[$1] = ++count
        name[count] = $1
    }
    if ($1 != $2 && !(($1, $2) in reason)) {
        reason[$1, $2] = $3
        next_of[$1, ++arrows[$1]] = $2
    }
}

# Marks all that can be reached from a name, itself only by way of a circle.
function reach(start,    queue, first, last, i, at, to) {
    first = last = 1
    queue[1] = start
    while (first <= last) {
        at = queue[first++]
        for (i = 1; i <= arrows[at]; i++) {
            to = next_of[at, i]
            if (!((start, to) in reached)) {
                reached[start, to] = 1
                queue[++last] = to
            }
        }
    }
}

# The circle that a name is part of.
function report(member,    i, j, line, from, to) {
    for (i = 1; i <= count; i++) {
        if ((member, name[i]) in reached && (name[i], member) in reached) {
            line = line (line == "" ? "" : ", ") name[i]
            done[name[i]] = 1
        }
    }
    print "circle: " line
    for (i = 1; i <= count; i++) {
        from = name[i]
        for (j = 1; (member, from) in reached && (from, member) in reached && j <= arrows[from]; j++) {
            to = next_of[from, j]
            if ((to, member) in reached && (member, to) in reached) {
                print "    " from " -> " to (reason[from, to] == "" ? "" : " (" reason[from, to] ")")
            }
        }
    }
}

END {
    for (i = 1; i <= count; i++) {
        reach(name[i])
    }
    for (i = 1; i <= count; i++) {
        if ((name[i], name[i]) in reached && !(name[i] in done)) {
            report(name[i])
        }
    }
}
