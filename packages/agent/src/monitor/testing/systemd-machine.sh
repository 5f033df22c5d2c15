#!/bin/bash
# usage: systemd-machine.sh FOLDER CGROUP SETUP
# Boots systemd on a copy of this machine's files (an overlay in memory), in namespaces of its own: nothing in it changes the
# machine it runs on, but for the network, which both have. SETUP is a shell script, run in the copy before systemd is.
set -eu
folder=$1 cgroup=$2 setup=$3
if [ "${4:-}" != inside ]; then
  echo $$ > "$cgroup/cgroup.procs"
  exec unshare --mount --pid --fork --uts --ipc --cgroup --kill-child "$0" "$folder" "$cgroup" "$setup" inside
fi

mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
root=$folder/root
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

# Nothing starts but what is asked for: no device manager, no clock, no clean-up of temporary files.
rm -rf "$root"/etc/systemd/system/* "$root"/usr/lib/systemd/system/*.wants
echo 0123456789abcdef0123456789abcdef > "$root/etc/machine-id"
printf '%s\n' '[Unit]' 'Description=Nothing yet' 'AllowIsolate=yes' > "$root/etc/systemd/system/nothing.target"
cd "$root"
mkdir -p .outside
pivot_root . .outside
mount --bind "/.outside$HOLDFAST_SOURCE" /opt
bash -euc "$setup"
umount --lazy /.outside
# Whoever waits for it may now connect (the pipe closes).
exec env -i container=holdfast-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=nothing.target --show-status=0 --log-target=journal
