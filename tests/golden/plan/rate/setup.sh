for s in 1 2 3 4; do
  mkdir -p data/s$s/extra
  truncate -s ${s}00K data/s$s/raw.bin
done
truncate -s 2M data/s3/extra/more.bin # 2.3 MB in all: 23 s
