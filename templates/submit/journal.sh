# The journal says what was intended before it is done, and what came of it after.
readonly state_dir=state/$plan
readonly journal=$state_dir/journal
run='' kind='' tags='' releasing='' released='' cancelled=''
declare -A id_of=() intended=() retired=()

# The words of the texts that are read here. Nothing else is taken: a word of a file may name an element of an array, be counted
# with, or become an option of sbatch.
readonly number_word='(0|[1-9][0-9]{0,9})' key_word='[0-9]+-[A-Za-z0-9._-]+([+][0-9]{1,10})?'
readonly run_word='[0-9]{8}-[0-9]{6}-[0-9a-f]{8}' id_word='[1-9][0-9]{0,9}' name_word='[A-Za-z0-9][A-Za-z0-9._-]*'
readonly names_word="$name_word(,$name_word)*"
readonly tag_word="wfc:($run_word):($key_word):[0-9a-f]{12}"
journal_line="run $run_word (submit|resume) [0-9a-f]{32}|tags (comment|name)|cluster $names_word"
readonly journal_line+="|intent $key_word|(id|lost) $key_word $id_word|all-in|releasing|released|cancelled|.* torn"

# Sets `lines` to the whole lines of a file, each of which must fit the pattern; nothing if there is no such file.
most_bytes=67108864
read_lines() { # FILE PATTERN WHAT-IT-IS
  local text bad owner size
  lines=''
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return; fi
  if [ -L "$1" ] || [ ! -f "$1" ]; then stop "$1 in $out is not a regular file: remove it"; fi
  read -r owner size < <(stat -c '%u %s' -- "$1")
  if [ "$owner" != "$users" ] && [ ! -O "$1" ]; then
    stop "$1 in $out belongs to the user $owner, and is not believed: remove it"
  fi
  [ "$size" -le "$most_bytes" ] || stop "$1 in $out has $size bytes: no $3 of wfc is so long"
  # Bash leaves zero bytes out, and newlines at the end.
  text=$(tr '\0' '\1' <"$1" && printf x) || stop "cannot read $1 in $out"
  case $text in *$'\n'*) text=${text%$'\n'*} ;; *) return ;; esac
  bad=$(LC_ALL=C grep -anvxE -m 1 -- "$2" <<<"$text")
  [ -z "$bad" ] || stop "$1 in $out, line ${bad%%:*}: not a $3 of wfc: ${bad:0:200}"
  lines=$text
}

# The same for a journal, without its torn lines.
read_journal() { # FILE
  read_lines "$1" "$journal_line" journal
  lines=$(LC_ALL=C grep -av ' torn$' <<<"$lines")
}

# Those of all plans. A directory of another name is not wfc's.
find_journals() {
  local file
  all_journals=()
  for file in state/*/journal; do
    if [[ $file =~ ^state/[0-9a-f]{32}/journal$ ]]; then all_journals+=("$file"); fi
  done
}

note() { printf '%s\n' "$*" >>"$journal" || stop "cannot write $out/$journal"; }

forget_run() {
  tags='' releasing='' released='' cancelled='' cluster=$SBATCH_CLUSTERS
  id_of=() intended=() retired=()
}

# Half a line, whose writer was killed or had no room on the disk, is closed by a word that makes it void for ever:
# half a number is a number.
close_journal() { # FILE
  if [ -n "$(tail -c 1 "$1")" ]; then printf ' torn\n' >>"$1" || stop "cannot write $out/$1"; fi
}

# Reads the last run.
load_journal() {
  forget_run
  run='' kind=''
  [ -e "$journal" ] || return 0
  local word first second lines
  read_journal "$journal"
  while read -r word first second _; do
    case $word in
      run) forget_run; run=$first kind=$second ;;
      tags) tags=$first ;;
      cluster) cluster=$first ;;
      intent) intended[$first]=1 ;;
      id) id_of[$first]=$second ;;
      lost) id_of[$first]='' retired[$second]=1 ;;
      releasing) releasing=1 ;;
      released) released=1 ;;
      cancelled) cancelled=1 ;;
    esac
  done <<<"$lines"
  [ -n "$dry" ] || close_journal "$journal"
}

open_run() { # submit|resume ID
  local same=$cluster
  forget_run
  run=$2 kind=$1
  [ -z "$same" ] || cluster=$same
  note "run $run $kind $plan${same:+$'\n'cluster $same}"
  # Jobs are known by their run: a power cut must not take its name away.
  sync "$journal" 2>/dev/null || true
}

new_run_id() { printf '%(%Y%m%d-%H%M%S)T-%04x%04x' -1 "$RANDOM" "$((($$ + RANDOM) % 65536))"; }
