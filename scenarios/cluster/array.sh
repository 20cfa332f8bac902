#!/bin/bash
# A run as an array of SLURM jobs, without Dask: prepare, work, complete. Copy it and put in what your site wants, then
#   bash array.sh my.toml results/my 16 [options of leadrisk run]
# Run it again with the same arguments if jobs were lost: what is finished is kept.
set -euo pipefail
scenario=$1 out=$2 parts=$3
shift 3

part=(--cpus-per-task=1 --mem=2G --time=04:00:00) # of each part; more CPUs are used where a part has them
last=(--cpus-per-task=1 --mem=4G --time=04:00:00) # of the job that works out what the run means
mkdir -p slurm-logs

quoted() { printf '%q ' "$@"; }

leadrisk run "$scenario" --out "$out" "$@" --prepare "$parts" --resume
array=$(sbatch --parsable "${part[@]}" --array="1-$parts" --requeue --output=slurm-logs/%A_%a.out \
    --wrap "$(quoted leadrisk work "$out")")
# afterany: what lost parts left undone is done by the last job
sbatch "${last[@]}" --dependency="afterany:$array" --output=slurm-logs/%j.out \
    --wrap "$(quoted leadrisk run "$scenario" --out "$out" "$@" --resume)"
