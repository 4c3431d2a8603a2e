# a cluster: sbatch is there
printf '#!/bin/sh\n' >"$CASE_BIN/sbatch"
chmod +x "$CASE_BIN/sbatch"
