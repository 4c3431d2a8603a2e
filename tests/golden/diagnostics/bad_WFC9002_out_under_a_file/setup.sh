mkdir data
touch file
