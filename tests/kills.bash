# Exports that are killed at random moments, and resumed until they are done.

# kill_exports N MOST WHOLE FILE COMMAND...: until N of them were killed while they wrote, each after
# MOST milliseconds at most.  COMMAND makes FILE, which is WHOLE byte for byte each time that it is
# there.
kill_exports() {
	local n=$1 most=$2 whole=$3 file=$4 kills=0 inside=0 rc before
	shift 4

	while ((inside < n && kills < 20 * n)); do
		rc=0
		before=$(stat -c %s "$file.part" 2>/dev/null || echo 0)
		"$@" 2>said 3>&- &
		sleep "$(printf 0.%03d $((RANDOM % most + 1)))"
		kill -KILL $! 2>/dev/null || true
		wait $! || rc=$?
		[ $rc = 137 ] || [ $rc = 0 ] || return $rc
		kills=$((kills + (rc == 137)))
		if [ -e "$file" ]; then
			cmp "$file" "$whole" || return
			rm "$file"
		elif [ "$(stat -c %s "$file.part" 2>/dev/null || echo 0)" != "$before" ]; then
			inside=$((inside + (rc == 137)))
		fi
	done
	echo "# $kills kills, $inside of them while it wrote"
	"$@" 2>said
	cmp "$file" "$whole"
	rm "$file"
	((inside == n))
}
