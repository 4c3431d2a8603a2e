# Sessions that are left out are not missing: sub-03 is not counted.
mkdir -p data/sub-01/ses-1 data/sub-02/anat data/sub-03/ses-9
