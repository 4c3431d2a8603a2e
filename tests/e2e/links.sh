#!/bin/bash
# Every relative link of every document leads to a file. links.sh SOURCE_DIR
set -euo pipefail
cd "$1"
links=0 broken=0
while IFS= read -r document; do
  while IFS= read -r link; do
    links=$((links + 1))
    case "$link" in http://* | https://* | '#'*) continue ;; esac
    if [ ! -e "$(dirname "$document")/${link%%#*}" ]; then
      printf '%s: no such file: %s\n' "$document" "$link"
      broken=$((broken + 1))
    fi
  done < <(grep -o '](\([^)]*\))' "$document" | sed 's/^](//; s/)$//')
done < <(find . -name '*.md' -not -path './build/*' | sort)
printf '%d links, %d broken\n' "$links" "$broken"
[ "$links" -gt 0 ] && [ "$broken" -eq 0 ]
