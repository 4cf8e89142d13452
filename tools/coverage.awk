# Prints what tools/coverage measured. The first file is llvm-cov's lcov format (lines), the second
# its JSON (branches) with a line end before each '{"branches":'.
# Status 1: fewer lines or branches than the goals.
BEGIN {
    line_goal = 98
    branch_goal = 92
}

function short(path) {
    return index(path, root) == 1 ? substr(path, length(root) + 1) : path
}

function percent(part, all) {
    return all == 0 ? 100 : 100 * part / all
}

function table_line(name, run, lines, taken, branches) {
    printf "%-34s %5d of %5d %6.1f %%   %5d of %5d %6.1f %%\n", name, run, lines,
        percent(run, lines), taken, branches, percent(taken, branches)
}

FNR == NR && /^SF:/ {
    file = short(substr($0, 4))
    next
}

FNR == NR && /^DA:/ && file ~ /\.c$/ {
    split(substr($0, 4), field, ",")
    if (!((file, field[1]) in line_seen)) {
        line_seen[file, field[1]] = 1
        lines[file]++
        if (!(file in known)) {
            known[file] = 1
            files[++file_count] = file
        }
        if (field[2] > 0) {
            lines_run[file]++
        } else {
            missed[file] = missed[file] " " field[1]
        }
    }
    next
}

FNR == NR {
    next
}

# One branch: [line, column, line, column, times true, times false, ...]. Those of a macro are
# at the line where it is used; a file compiled twice has each branch twice.
function count_branches(list, line, column,    items, count, i, field, key) {
    count = split(list, items, /\],\[/)
    for (i = 1; i <= count; i++) {
        gsub(/[][]/, "", items[i])
        if (split(items[i], field, ",") < 6) {
            continue
        }
        key = line == "" ? field[1] SUBSEP field[2] : line SUBSEP column "+" field[1] "+" field[2]
        if (!(key in pending_line)) {
            pending_line[key] = line == "" ? field[1] : line
            order[++pending_count] = key
        }
        pending_true[key] += field[5]
        pending_false[key] += field[6]
    }
}

function close_file(name,    i, key) {
    for (i = 1; i <= pending_count; i++) {
        key = order[i]
        branches[name] += 2
        taken[name] += (pending_true[key] > 0) + (pending_false[key] > 0)
        if (pending_true[key] == 0 || pending_false[key] == 0) {
            one_way[++one_way_count] = sprintf("%s:%s: never %s", name, pending_line[key],
                pending_true[key] > 0 ? "false" : pending_false[key] > 0 ? "true" : "reached")
        }
    }
    pending_count = 0
    split("", pending_line)
    split("", pending_true)
    split("", pending_false)
}

match($0, /^\{"branches":\[[^a-z"]*\]/) {
    list = substr($0, RSTART + 12, RLENGTH - 12)
    line = column = ""
    # An expansion has its place; the branches of a file come before its expansions and its name.
    if (match($0, /"source_region":\[[0-9]+,[0-9]+/)) {
        split(substr($0, RSTART + 17, RLENGTH - 17), place, ",")
        line = place[1]
        column = place[2]
    }
    count_branches(list, line, column)
}

match($0, /"filename":"[^"]*"/) {
    close_file(short(substr($0, RSTART + 12, RLENGTH - 13)))
}

function sort_files(    i, j, name) {
    for (i = 2; i <= file_count; i++) {
        name = files[i]
        for (j = i; j > 1 && files[j - 1] > name; j--) {
            files[j] = files[j - 1]
        }
        files[j] = name
    }
}

# "12 13 14 20" as "12-14, 20".
function ranges(numbers,    field, count, i, first, text) {
    count = split(numbers, field, " ")
    for (i = 1; i <= count; i++) {
        first = field[i]
        while (i < count && field[i + 1] == field[i] + 1) {
            i++
        }
        text = text (text == "" ? "" : ", ") first (field[i] == first ? "" : "-" field[i])
    }
    return text
}

END {
    sort_files()
    printf "\n%-34s %23s   %23s\n", "", "lines", "branches"
    for (i = 1; i <= file_count; i++) {
        file = files[i]
        table_line(file, lines_run[file], lines[file], taken[file], branches[file])
        all_lines += lines[file]
        all_run += lines_run[file]
        all_branches += branches[file]
        all_taken += taken[file]
    }
    table_line("total", all_run, all_lines, all_taken, all_branches)
    print "\nLines never run:"
    for (i = 1; i <= file_count; i++) {
        if (files[i] in missed) {
            print files[i] ":" ranges(missed[files[i]])
        }
    }
    print "\nBranches that went one way only:"
    for (i = 1; i <= one_way_count; i++) {
        print one_way[i]
    }
    good = percent(all_run, all_lines) >= line_goal && percent(all_taken, all_branches) >= branch_goal
    printf "\ncoverage: %.1f %% of the lines, %.1f %% of the branches; goals %d %% and %d %%: %s\n",
        percent(all_run, all_lines), percent(all_taken, all_branches), line_goal, branch_goal,
        good ? "met" : "missed"
    exit good ? 0 : 1
}
