# The names are literal: no shell may read what is in them.
# shellcheck disable=SC2016
for name in 'a"];b' '$(touch pwned)' '-rf' '<b>&amp;' 'back\slash' $'new\nline' $'latin\xe9' 'two words' 'テスト'; do
  mkdir -p "data/$name/-x"
done
