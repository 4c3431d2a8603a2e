python3 - <<'PYTHON'
import os
for i in range(13200):
    os.makedirs("data/session%05d" % i)
PYTHON
