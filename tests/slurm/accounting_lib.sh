#!/bin/bash
# Sourced by cluster.sh for --accounting yes: a mariadbd and a slurmdbd of the cluster's own, below its state directory.
# The database listens on a socket there and nowhere else; slurmdbd has the port after slurmctld's.
# Needs Debian's mariadb-server and slurmdbd. state, port, and fail come from cluster.sh.
# shellcheck disable=SC2154

have_accounting() {
  local program
  for program in mariadbd mariadb-install-db slurmdbd sacctmgr; do
    command -v "$program" >/dev/null 2>&1 || return 1
  done
}

accounting_lines() { # for slurm.conf
  cat <<CONF
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((port + 1))
AccountingStorageEnforce=associations,limits,qos
CONF
}

accounting_until() { # WHAT LOG COMMAND...
  local what=$1 log=$2 end=$((SECONDS + 60))
  shift 2
  until timeout 5 "$@" >/dev/null 2>&1 </dev/null; do
    [ "$SECONDS" -lt "$end" ] || { tail -n 5 "$log" >&2; fail "$what does not start"; }
    sleep 0.05
  done
}

# What is lost with the machine is nothing to us, so nothing waits for the disk.
start_database() {
  mariadb-install-db --no-defaults --user=root --datadir="$state/mysql" --skip-test-db \
    --auth-root-authentication-method=socket >"$state/log/mariadb-install.log" 2>&1 </dev/null ||
    fail "no database: $(tail -n 3 "$state/log/mariadb-install.log")"
  setsid mariadbd --no-defaults --user=root --datadir="$state/mysql" --socket="$state/run/mariadb.sock" \
    --pid-file="$state/run/mariadbd.pid" --skip-networking --skip-log-bin --log-error="$state/log/mariadb.log" \
    --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-buffer-pool-size=64M \
    --innodb-lock-wait-timeout=900 </dev/null >>"$state/log/start.log" 2>&1 &
  accounting_until mariadbd "$state/log/mariadb.log" \
    mariadb-admin --no-defaults --socket="$state/run/mariadb.sock" ping
}

# root@localhost is whoever comes by the socket as root.
write_slurmdbd_conf() {
  (umask 077 && cat >"$state/etc/slurmdbd.conf") <<CONF
AuthType=auth/none
DbdHost=$(hostname -s)
DbdAddr=127.0.0.1
DbdPort=$((port + 1))
SlurmUser=root
LogFile=$state/log/slurmdbd.log
PidFile=$state/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm_acct_db
CommitDelay=1
CONF
}

# It finds slurmdbd.conf beside SLURM_CONF.
start_slurmdbd() {
  export SLURM_CONF
  MYSQL_UNIX_PORT=$state/run/mariadb.sock slurmdbd </dev/null >>"$state/log/start.log" 2>&1 ||
    fail "slurmdbd does not start: $(tail -n 3 "$state/log/start.log")"
  accounting_until slurmdbd "$state/log/slurmdbd.log" sacctmgr -n list cluster
}

start_accounting() {
  have_accounting || fail "accounting needs mariadb-server and slurmdbd"
  start_database
  write_slurmdbd_conf
  start_slurmdbd
  sacctmgr -iQ add cluster wfctest >/dev/null || fail "sacctmgr does not add the cluster"
}
