# The same letter, composed and not.
printf 'sample,n\nzo\303\253,1\nb,2\nzoe\314\210,3\nb,4\n' > s.csv
