long=$(printf 'x%.0s' {1..250})
echo "$long" >names.txt
printf '[workflow]\nname = "example"\nroot = "/usr"\n' >workflow.toml
each=root
for i in {1..17}; do
  printf '[[level]]\nname = "l%s"\nunder = "%s"\nfile = "names.txt"\n' "$i" "$each" >>workflow.toml
  each=l$i
done
printf '[[step]]\nname = "one"\neach = "%s"\nrun = "date"\n' "$each" >>workflow.toml
