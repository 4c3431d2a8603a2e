# A template of the user's without the last line of the built-in one.
mkdir -p data/session{1..3} templates
cat >templates/job.sbatch <<'TEMPLATE'
#!/bin/bash{{#options}}
#SBATCH {{{option}}}{{/options}}
bin/wfr {{{command}}} --plan {{{plan}}} {{{selection}}}
TEMPLATE
