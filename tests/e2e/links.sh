#!/bin/bash
# Every relative link of every document leads to a file, and its anchor to a heading. links.sh SOURCE_DIR
set -euo pipefail
cd "$1"
links=0 broken=0
# The anchors of a document, as GitHub makes them of its headings.
anchors() {
  sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}
while IFS= read -r document; do
  while IFS= read -r link; do
    links=$((links + 1))
    case "$link" in http://* | https://*) continue ;; esac
    target=$(dirname "$document")/${link%%#*}
    if [ "${link%%#*}" = '' ]; then target=$document; fi
    case "$link" in
      *.md'#'* | '#'*)
        if [ -e "$target" ] && ! anchors "$target" | grep -qxF -- "${link#*#}"; then
          printf '%s: no such heading: %s\n' "$document" "$link"
          broken=$((broken + 1))
        fi
        ;;
    esac
    if [ ! -e "$target" ]; then
      printf '%s: no such file: %s\n' "$document" "$link"
      broken=$((broken + 1))
    fi
  done < <(grep -o '](\([^)]*\))' "$document" | sed 's/^](//; s/)$//')
done < <(find . -name '*.md' -not -path './build/*' | sort)
printf '%d links, %d broken\n' "$links" "$broken"
[ "$links" -gt 0 ] && [ "$broken" -eq 0 ]
