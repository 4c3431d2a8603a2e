# What is to be submitted in this run: key, script, options for a part of an array, what it waits for.
# A dependency is KIND:KEY, or KIND:=ID for a job of an earlier run that is still in the queue.
keys=() scripts=() specs=() tables=() afters=()
item() { # KEY SCRIPT SPEC TABLE DEPENDENCY...
  keys+=("$1") scripts+=("$2") specs+=("$3") tables+=("$4")
  shift 4
  afters+=("$*")
}

place_of() { # SCRIPT
  local i
  for i in "${!names[@]}"; do [ "${names[i]}" = "$1" ] && printf '%s' "${places[i]}"; done
}

# Jobs that wait for no other job of this run are held until all the others are in: nothing can end,
# and be forgotten by Slurm, while there is still something to submit that waits for it.
is_held() { # ITEM
  local dependency
  for dependency in ${afters[$1]}; do
    case $dependency in *:=*) ;; *) return 1 ;; esac
  done
}

# --dependency=KIND:ID:ID,KIND:ID of an item. Commas are a conjunction, a question mark is a disjunction, and
# Slurm takes a mixture for one: KIND aftercorr-or-afterany is an item's only one.
dependency_option() { # ITEM
  local dependency kind key list='' last=''
  for dependency in ${afters[$1]}; do
    kind=${dependency%%:*} key=${dependency#*:}
    case $key in =*) key=${key#=} ;; *) key=${id_of[$key]} ;; esac
    if [ "$kind" = aftercorr-or-afterany ]; then
      list="aftercorr:$key?afterany:$key"
    elif [ "$kind" = "$last" ]; then
      list+=:$key
    else
      list+=${list:+,}$kind:$key
    fi
    last=$kind
  done
  printf '%s' "$list"
}

# Slurm expands % in the path of the log, also where the script says it relative to the out directory.
add_output_option() { # SCRIPT
  local own
  own=$(options_of "$1" | sed -n 's/^--output=//p' | tail -n 1)
  case $own in '' | /*) return ;; esac
  case $out in *%*) command+=("--output=${out//%/%%}/$own") ;; esac
}

# An option of sbatch goes over the script's own.
left_out='' # nodes, joined by commas
exclude_option() { # SCRIPT
  local own
  own=$(options_of "$1" | sed -n 's/^--exclude=//p' | tail -n 1)
  own=${own//\\/}
  printf -- '--exclude=%s' "${own:+$own,}$left_out"
}

# Sets `command`: sbatch's options, the script, and the words that the script hands to wfr.
build_command() { # ITEM
  local i=$1 tag dependency
  tag=$(tag_of "${keys[i]}")
  dependency=$(dependency_option "$i")
  command=(--parsable "--chdir=$out" "--comment=$tag")
  add_output_option "${scripts[i]}"
  # Until the first job's comment has been read back, and where comments do not last, the name too.
  [ "$tags" = comment ] || command+=("--job-name=$tag")
  if is_held "$i"; then command+=(--hold); fi
  if [ -n "$dependency" ]; then command+=("--dependency=$dependency" --kill-on-invalid-dep=yes); fi
  [ -z "$left_out" ] || command+=("$(exclude_option "${scripts[i]}")")
  [ -z "${specs[i]}" ] || command+=("--array=${specs[i]}")
  command+=("jobs/${scripts[i]}.sbatch" --run "$run")
  [ -z "${tables[i]}" ] || command+=(--table "${tables[i]}")
}

# The id in what sbatch printed: sites add lines of their own. With several numbers the queue knows which one it is.
parse_id() { # TEXT KEY -> answer_id, answer_cluster
  local line ids count=0
  answer_id='' answer_cluster=''
  while IFS= read -r line; do
    if [[ $line =~ ^([1-9][0-9]{0,9})(;([A-Za-z0-9][A-Za-z0-9._-]*))?$ ]]; then
      answer_id=${BASH_REMATCH[1]} answer_cluster=${BASH_REMATCH[3]:-} count=$((count + 1))
    fi
  done <<<"$1"
  [ "$count" -gt 1 ] || return 0
  ids=$(tagged_ids "$2") || exit 1
  read -r answer_id _ <<<"$ids"
}

refused() { # SCRIPT TEXT
  say "sbatch refused jobs/$1.sbatch ($(place_of "$1")):"
  print_visibly "    ${2//$'\n'/$'\n    '}" >&2
}

# The ids in the queue that carry an item's tag, without those given up before.
tagged_ids() { # KEY
  local id of_run key found=' ' queue
  queue=$(read_queue) || exit 1
  while IFS='|' read -r id _ _ _ of_run key; do
    if [ "$of_run" = "$run" ] && [ "$key" = "$1" ] && [ -z "${retired[$id]:-}" ]; then
      case $found in *" $id "*) ;; *) found+="$id " ;; esac
    fi
  done <<<"$queue"
  printf '%s' "$found"
}

# Field 22 of /proc/PID/stat, behind a name that may hold anything: when the process began. A number is given to another
# process later, but never with the same time.
begun_at() { # PID
  local text
  local -a fields
  text=$(cat "/proc/$1/stat" 2>/dev/null) || return
  read -r -a fields <<<"${text##*) }"
  printf '%s' "${fields[19]}"
}

# Whether a process is this user's own sbatch, called from here with that option. Others may have the tag in their arguments.
is_left_sbatch() { # PID OPTION
  local name word seen=''
  [ -O "/proc/$1" ] && read -r name 2>/dev/null <"/proc/$1/comm" && [ "$name" = sbatch ] || return
  while IFS= read -r -d '' word; do
    case $word in "$2") seen+=o ;; "--chdir=$out") seen+=d ;; esac
  done 2>/dev/null <"/proc/$1/cmdline"
  [ "$seen" = 'do' ]
}

# An sbatch that has outlived its submit.sh, and may be trying still, is known by its tag.
end_left_sbatch() { # KEY
  local file pid begun option
  local -a files=(/proc/[0-9]*/cmdline)
  option=--comment=$(tag_of "$1")
  while IFS= read -r file; do
    pid=${file#/proc/} pid=${pid%/*}
    begun=$(begun_at "$pid")
    if is_left_sbatch "$pid" "$option" && [ -n "$begun" ] && [ "$(begun_at "$pid")" = "$begun" ]; then
      kill -KILL "$pid" 2>/dev/null
    fi
  done < <(grep -lasF -f - "${files[@]}" <<<"$option")
}

# An intent without an id: sbatch may have reached the controller, or be about to. A job that is older than one it should
# wait for waits for another, of which the journal has lost all trace: it is cancelled with the extras.
adopt_item() { # ITEM
  local key=${keys[$1]} dependency id ids newest=0
  [ -n "${intended[$key]:-}" ] || return 1
  for dependency in ${afters[$1]}; do
    id=${dependency#*:}
    case $id in =*) id=${id#=} ;; *) id=${id_of[$id]} ;; esac
    [ "$id" -le "$newest" ] || newest=$id
  done
  end_left_sbatch "$key"
  sleep 2
  ids=$(tagged_ids "$key") || exit 1
  for id in $ids; do
    [ "$id" -gt "$newest" ] || continue
    id_of[$key]=$id
    note "id $key $id"
    return
  done
  return 1
}

# The controller was away or busy: the job may be in, or may be taken the next time.
may_pass() { # TEXT
  case $1 in
    *'Unable to contact slurm controller'* | *'Socket timed out'* | *'Zero Bytes were transmitted'* | \
      *'Transport endpoint is not connected'* | *'Connection timed out'* | *'Connection refused'* | \
      *'Unexpected message received'* | *'controller in standby mode'* | *'try again later'*) return 0 ;;
  esac
  return 1
}

try_later() { # TEXT TRY
  say "${1##*error: }; trying again in $(($2 * 5)) s"
  sleep $(($2 * 5))
}

# 1: jobs that it waits for were lost, and are to be submitted again first.
submit_item() { # ITEM
  local i=$1 key=${keys[$1]} text try
  for try in 1 2 3 4 5; do
    if adopt_item "$i"; then return; fi
    build_command "$i"
    note "intent $key"
    intended[$key]=1
    if text=$(call_sbatch "${scripts[i]}" "${command[@]}" 2>"$state_dir/sbatch.err"); then break; fi
    text+=$(cat "$state_dir/sbatch.err")
    # Such as an id that is not known any more, or that would be its own.
    case $text in *'Job dependency problem'*) if give_up_lost; then return 1; fi ;; esac
    if [ "$try" = 5 ] || ! may_pass "$text"; then
      refused "${scripts[i]}" "$text"
      stop "nothing has started: the jobs submitted so far are held. Correct the problem and run this again, or cancel them: $(this --cancel)"
    fi
    try_later "$text" "$try"
  done
  parse_id "$text" "$key"
  [ -n "$answer_id" ] || { refused "${scripts[i]}" "$text"; stop "sbatch has printed no job id: run this again to look for the job"; }
  if [ -n "$answer_cluster" ] && [ -z "$cluster" ]; then
    cluster=$answer_cluster
    note "cluster $cluster"
  fi
  id_of[$key]=$answer_id
  note "id $key $answer_id"
  [ -n "$tags" ] || read_tag_back "$i" "$answer_id"
}

# The first job tells whether comments arrive as they were given.
read_tag_back() { # ITEM ID
  local seen name
  seen=$(on_cluster squeue -h -j "$2" -o %k 2>/dev/null | grep -F -- "$(tag_of "${keys[$1]}")")
  if [ -z "$seen" ]; then
    tags=name
    note "tags name"
    return
  fi
  tags=comment
  note "tags comment"
  name=$(options_of "${scripts[$1]}" | sed -n 's/^--job-name=//p' | sed -n 1p)
  on_cluster scontrol update "JobId=$2" "JobName=$name" >/dev/null 2>&1 || true
}
