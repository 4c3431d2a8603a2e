printf '\377\376s\0a\0' > s.csv
