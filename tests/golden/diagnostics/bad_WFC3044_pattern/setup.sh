mkdir -p data/a/ses-1
