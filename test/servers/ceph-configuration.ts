/** Where the parts of one Ceph live and listen. */
export interface CephPlaces {
  readonly folder: string;
  readonly fsid: string;
  /** Ports: of S3, and of the monitor's two protocols. */
  readonly gateway: number;
  readonly monitor: number;
  readonly oldMonitor: number;
}

/** A Ceph of one copy in memory, without sign-in between its parts, that bothers nobody outside the loopback. */
export function cephConfiguration({ folder, fsid, gateway, monitor, oldMonitor }: CephPlaces): string {
  return `[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${monitor},v1:127.0.0.1:${oldMonitor}]
mon_initial_members = a
public_network = 127.0.0.0/8
cluster_network = 127.0.0.0/8
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
osd_crush_chooseleaf_type = 0
run_dir = ${folder}/run
admin_socket = ${folder}/run/$name.asok
pid_file = ${folder}/run/$name.pid
log_file = /dev/null
mon_cluster_log_file = /dev/null
keyring = ${folder}/keyring
[mon.a]
host = localhost
mon_data = ${folder}/mon
mon_data_avail_crit = 1
mon_data_avail_warn = 2
auth_allow_insecure_global_id_reclaim = true
[osd.0]
osd_data = ${folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 6442450944
osd_memory_target = 939524096
osd_class_load_list = *
osd_class_default_list = *
[client.rgw.a]
rgw_frontends = beast endpoint=127.0.0.1:${gateway}
rgw_data = ${folder}/rgw
rgw_enable_usage_log = false
rgw_thread_pool_size = 64
rgw_init_timeout = 60
ms_mon_client_mode = crc
`;
}
