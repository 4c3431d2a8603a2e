printf 'sample%05d\n' {1..20000} >samples.txt
