long=$(printf 'x%.0s' {1..250})
mkdir -p data/$long
