#!/usr/bin/env bash
# stick.sh PAGE: the commands with which docs/real-machine.md partitions a stick, run on files: the
# partition is an EFI system partition, and its file system is FAT32. What mounts it needs root.
. "$(dirname "$0")/../lint/lint.sh"
PATH=$PATH:/sbin:/usr/sbin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk '/^```/ { inside = !inside; next } inside && /sudo (sfdisk|mkfs\.vfat) / { print }' "$1" |
    sed -e 's/sudo //' -e "s|/dev/sdX1|$work/partition|" -e "s|/dev/sdX|$work/disk|" >"$work/commands"
truncate -s 300M "$work/disk" "$work/partition"
bash -e "$work/commands" >"$work/output" 2>&1 && pass || fail "$(cat "$work/commands" "$work/output")"
types=$(sfdisk -d "$work/disk" | grep -o 'type=[0-9A-F-]*')
[ "$types" = type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B ] && pass || fail "the partitions are: $types"
system=$(fsck.fat -n -v "$work/partition")
grep -q '32 bit entries' <<<"$system" && pass ||
    fail "the file system is: $system"
printf 'doc-stick: %d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
