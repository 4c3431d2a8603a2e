# What comes from names, files and commands may hold anything, and a terminal obeys some of it: `wfr visible` makes it text.
# What cannot be written, such as into a closed pipe, stops nothing.
print_visibly() { # TEXT
  local LC_ALL=C shown=$1
  case $1 in *[!\ -~]*) shown=$(bin/wfr visible <<<"$1" 2>/dev/null) || shown=${1//[!\ -~]/?} ;; esac
  printf '%s\n' "$shown" 2>/dev/null || true
}
say() { print_visibly "submit.sh: $*" >&2; }
stop() {
  say "$@"
  exit 1
}

counted() { # NUMBER NAME: "1 job", "3 jobs"
  if [ "$1" = 1 ]; then printf '%s %s' "$1" "$2"; else printf '%s %ss' "$1" "$2"; fi
}

# A command to type: this script, from wherever the reader stands.
this() { # OPTION...
  printf '%q' "$out/submit.sh"
  [ $# = 0 ] || printf ' %s' "$@"
}

# The caller may itself be a job, or have options of Slurm's commands in the environment: neither is meant for these jobs, nor for
# what is asked about them. A job hands all that it gets on to its steps, where srun reads it as options. What says which cluster
# it is, and who asks, stays.
kept_keys=(ACCOUNT PARTITION QOS RESERVATION CLUSTERS)
ignored_variables=()
clean_environment() {
  local name key
  for name in "${!SLURM_@}" "${!PMI@}" "${!SBATCH_@}" "${!SQUEUE_@}" "${!SCANCEL_@}" "${!SCONTROL_@}" "${!SINFO_@}"; do
    case $name in
      SLURM_CONF | SLURM_CLUSTERS | SLURM_JWT) continue ;;
      SBATCH_*)
        for key in "${kept_keys[@]}"; do [ "$name" != "SBATCH_$key" ] || continue 2; done
        [ -z "${!name}" ] || ignored_variables+=("$name") ;;
    esac
    unset "$name"
  done
}

# The #SBATCH options of a script, one a line.
options_of() {
  local line
  while IFS= read -r line; do
    # The reader may have found what it looks for, and closed the pipe.
    case $line in '#SBATCH '*) printf '%s\n' "${line#'#SBATCH '}" 2>/dev/null || return 0 ;; esac
  done <"jobs/$1.sbatch"
}

# True if the script sets the option itself; the environment's value then must not win over it.
script_sets() { # SCRIPT KEY
  local option short=''
  case $2 in ACCOUNT) short=A ;; PARTITION) short=p ;; QOS) short=q ;; CLUSTERS) short=M ;; esac
  while IFS= read -r option; do
    case $option in --"${2,,}"[=\ ]*) return 0 ;; esac
    if [ -n "$short" ]; then case $option in -"$short"*) return 0 ;; esac; fi
  done < <(options_of "$1")
  return 1
}

# sbatch, with the kept variables only where the script leaves the key unset.
call_sbatch() ( # SCRIPT OPTION...
  script=$1
  shift
  for key in "${kept_keys[@]}"; do
    variable=SBATCH_$key
    [ -n "${!variable:-}" ] || continue
    if script_sets "$script" "$key"; then unset "SBATCH_$key"; fi
  done
  umask "$user_umask"
  exec sbatch "$@"
)

print_kept() {
  local key variable script
  [ "${#ignored_variables[@]}" = 0 ] ||
    say "ignored: ${ignored_variables[*]} of your environment; jobs request only what the workflow says"
  for key in "${kept_keys[@]}"; do
    variable=SBATCH_$key
    [ -n "${!variable:-}" ] || continue
    for script in "${names[@]}"; do
      script_sets "$script" "$key" || { say "using $variable=${!variable} of your environment"; break; }
    done
  done
}
