#!/usr/bin/env bash
# A real SLURM of one node, for tests: slurm_node.sh start | stop | status
#
# Debian or Ubuntu, as root; installs slurm-wlm and munge where they are missing. Everything it writes lies in one
# directory, LEADRISK_SLURM_DIR (else leadrisk-slurm in the directory for temporary files); no systemd, no cgroups,
# nothing of the machine's own configuration is touched. Point SLURM's commands at it with
#   export SLURM_CONF="$(tests/cluster/slurm_node.sh conf)"
set -euo pipefail

base=${LEADRISK_SLURM_DIR:-${TMPDIR:-/tmp}/leadrisk-slurm}
conf=$base/slurm.conf
port=${LEADRISK_SLURM_PORT:-16817} # and the next one; not SLURM's own, so that a cluster's node can test too
cpus=${LEADRISK_SLURM_CPUS:-4} # told to SLURM whatever the machine has: tests share few real ones
export SLURM_CONF=$conf
unset "${!SLURM_JOB@}" # inside a job of another SLURM its variables would be taken for ours

fail() {
    echo "slurm_node.sh: $1" >&2
    exit 1
}

install() {
    if command -v slurmctld slurmd munged sbatch >/dev/null; then return; fi
    [ "$(id -u)" = 0 ] || fail "SLURM is not installed and only root can install it"
    command -v apt-get >/dev/null || fail "SLURM is not installed, and this is no Debian or Ubuntu"
    export DEBIAN_FRONTEND=noninteractive
    # A clean image has no policy against it and would start services with a configuration that is not ours.
    printf '#!/bin/sh\nexit 101\n' >"$base/policy-rc.d"
    chmod +x "$base/policy-rc.d"
    local placed=no
    [ -e /usr/sbin/policy-rc.d ] || { cp "$base/policy-rc.d" /usr/sbin/policy-rc.d && placed=yes; }
    local done=yes
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm munge; } \
        >"$base/install.log" 2>&1 || done=no
    [ "$placed" = no ] || rm -f /usr/sbin/policy-rc.d
    [ "$done" = yes ] || fail "SLURM could not be installed, see $base/install.log"
}

runs() { # whether the process of a pid file lives and is the program it was
    local pid
    pid=$(cat "$base/$1.pid" 2>/dev/null) && [ -n "$pid" ] && grep -qsa "$1" "/proc/$pid/cmdline"
}

configure() {
    local host
    host=$(hostname -s)
    mkdir -p "$base"/{state,spool,log,munge}
    chmod 755 "$base"
    chmod 700 "$base/munge"
    [ -s "$base/munge/key" ] || head -c 1024 /dev/urandom >"$base/munge/key"
    chmod 400 "$base/munge/key"
    cat >"$conf" <<CONF
ClusterName=leadrisk
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$base/munge/socket
CredType=cred/munge
StateSaveLocation=$base/state
SlurmdSpoolDir=$base/spool
SlurmctldPidFile=$base/slurmctld.pid
SlurmdPidFile=$base/slurmd.pid
SlurmctldLogFile=$base/log/slurmctld.log
SlurmdLogFile=$base/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,batch_sched_delay=0,defer_batch
KillWait=3
OverTimeLimit=0
MinJobAge=30
MaxArraySize=10001
InactiveLimit=0
SlurmctldTimeout=60
SlurmdTimeout=60
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus Boards=1 SocketsPerBoard=1 CoresPerSocket=$cpus ThreadsPerCore=1 RealMemory=16000 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
}

wait_for() { # seconds, words, command
    local seconds=$1 words=$2
    shift 2
    for _ in $(seq $((seconds * 5))); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.2
    done
    fail "$words did not come up, see $base/log"
}

idle() { sinfo -h -o %t | grep -qE '^(idle|mix|alloc)$'; }

start() {
    mkdir -p "$base"
    exec 9>"$base/lock"
    flock 9 # a second start waits for the first and finds everything up
    install
    configure
    if ! runs munged; then
        rm -f "$base"/munge/socket*
        munged --force --socket="$base/munge/socket" --key-file="$base/munge/key" --pid-file="$base/munged.pid" \
            --log-file="$base/log/munged.log" --seed-file="$base/munge/seed" 9>&-
        wait_for 10 munged test -S "$base/munge/socket"
    fi
    runs slurmctld || slurmctld -f "$conf" 9>&-
    wait_for 20 slurmctld scontrol ping
    runs slurmd || slurmd -f "$conf" -N "$(hostname -s)" 9>&-
    scontrol update "nodename=$(hostname -s)" state=resume >/dev/null 2>&1 || true
    wait_for 30 slurmd idle
}

stop() {
    [ -d "$base" ] || return 0
    if runs slurmctld; then
        squeue -h -o %A 2>/dev/null | sort -u | xargs -r scancel 2>/dev/null || true
        for _ in $(seq 50); do
            [ -n "$(squeue -h 2>/dev/null)" ] || break
            sleep 0.2
        done
    fi
    local name pid
    for name in slurmd slurmctld munged; do
        runs "$name" || continue
        pid=$(cat "$base/$name.pid")
        kill "$pid" 2>/dev/null || true
        for _ in $(seq 50); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.2
        done
        kill -9 "$pid" 2>/dev/null || true
    done
    rm -rf "$base"
}

case ${1:-} in
    start) start && sinfo ;;
    stop) stop ;;
    conf) echo "$conf" ;;
    status) runs munged && runs slurmctld && runs slurmd && idle && sinfo ;;
    *) fail "say start, stop, status or conf" ;;
esac
