#!/bin/bash
# A run as an array of SLURM jobs, without Dask: prepare, work, complete. Copy it and put in what your site wants, then
#   bash array.sh my.toml results/my 16 [options of leadrisk run]
# Run it again with the same arguments if jobs were lost: what is finished is kept.
set -euo pipefail
scenario=$1 out=$2 parts=$3
shift 3

jobs=(--cpus-per-task=1 --mem=2G --time=04:00:00) # of each part; more CPUs are used where a part has them
mkdir -p slurm-logs

leadrisk run "$scenario" --out "$out" "$@" --prepare --resume
array=$(sbatch --parsable "${jobs[@]}" --array="1-$parts" --requeue --output=slurm-logs/%A_%a.out \
    --wrap "leadrisk work '$out'")
# afterany: lost parts are made up for by the last job
sbatch "${jobs[@]}" --dependency="afterany:$array" --output=slurm-logs/%j.out \
    --wrap "leadrisk run '$scenario' --out '$out' $(printf '%q ' "$@") --resume"
