package dev.drydock.probe;

/**
 * What a figure is of. Where node_exporter or postgres_exporter tells the same, it has that one's
 * name, so that dashboards made for them work.
 */
public enum Metric {
  MEMORY_TOTAL("node_memory_MemTotal_bytes", "Memory of the host"),
  MEMORY_AVAILABLE("node_memory_MemAvailable_bytes", "Memory that programs could still get"),
  SWAP_TOTAL("node_memory_SwapTotal_bytes", "Swap of the host"),
  SWAP_FREE("node_memory_SwapFree_bytes", "Swap that is not in use"),
  LOAD1("node_load1", "Load average over one minute"),
  LOAD5("node_load5", "Load average over five minutes"),
  LOAD15("node_load15", "Load average over fifteen minutes"),
  CPUS("drydock_host_cpus", "CPUs that are online"),
  FILESYSTEM_SIZE("node_filesystem_size_bytes", "Size of the file system of a path"),
  FILESYSTEM_AVAILABLE("node_filesystem_avail_bytes", "What is left of it for everybody"),
  FILESYSTEM_USED(
      "drydock_host_filesystem_used_percent", "Used, as df counts: of what is not reserved"),
  FILESYSTEM_FILES("node_filesystem_files", "Inodes of the file system of a path"),
  FILESYSTEM_FILES_FREE("node_filesystem_files_free", "Inodes that are not in use"),
  UNIT_STATE("node_systemd_unit_state", "1: the systemd unit is in the state"),
  UNITS_FAILED("drydock_host_failed_units", "systemd units in state failed"),
  PM2_UP("drydock_host_pm2_process_up", "1: the PM2 process is online"),
  PM2_RESTARTS(
      "drydock_host_pm2_restarts_total", "How often PM2 has restarted the process, as PM2 counts"),
  PM2_MEMORY("drydock_host_pm2_memory_bytes", "Memory of the PM2 process"),
  PROBE_SUCCESS("drydock_probe_success", "1: what was asked by HTTP answered as it should"),
  PROBE_STATUS("drydock_probe_http_status_code", "With which status it answered"),
  QUERY_VALUE("drydock_host_query_value", "Largest value of the PromQL expression of a check"),
  DATABASE_SIZE("drydock_host_database_size_bytes", "Size of the PostgreSQL database of a check"),
  DATABASE_CONNECTIONS("drydock_host_database_connections", "Connections to its server"),
  DATABASE_CONNECTIONS_MAX(
      "drydock_host_database_max_connections", "Connections that its server admits"),
  TABLES_WITHOUT_KEY(
      "drydock_host_database_tables_without_primary_key", "Tables of it without a primary key"),
  TABLE_LIVE_ROWS("pg_stat_user_tables_n_live_tup", "Live rows of a table that has dead ones"),
  TABLE_DEAD_ROWS(
      "pg_stat_user_tables_n_dead_tup",
      "Dead rows of a table; those of the worst tables, and none of tables with few"),
  DEAD_ROWS(
      "drydock_host_database_dead_rows_percent",
      "Dead rows of all rows, in the table with most of them; tables with few do not count"),
  TABLE_SIZE(
      "drydock_host_database_table_bytes",
      "Size of a table without its indexes; those with most bloat, and none below 10Mi"),
  TABLE_UNUSED(
      "drydock_host_database_table_unused_bytes", "How much of it is unused, by an estimate"),
  BLOAT(
      "drydock_host_database_bloat_percent",
      "Unused space of all, in the table with most of it, by an estimate, where a check limits"
          + " it; none below 10Mi counts"),
  STANDBY_LAG("pg_replication_lag_seconds", "How far the standby of a check is behind"),
  REPLICA_LAG(
      "drydock_host_database_replica_lag_seconds", "How far a replica of its server is behind"),
  REPLICA_BEHIND(
      "pg_stat_replication_pg_wal_lsn_diff", "How many bytes of the log that replica is behind"),
  SLOT_KEPT(
      "drydock_host_database_slot_kept_bytes",
      "Bytes of the log that are kept for a slot whose replica is gone"),
  SILENT_VALIDATORS(
      "drydock_host_beacon_silent_validators",
      "Validators of a check that were not seen in this epoch nor in the one before"),
  CLOCK_OFFSET(
      "node_timex_offset_seconds",
      "How wrong the clock is, as chrony or timesyncd says; else against Drydock's own clock"),
  SYSCTL("drydock_host_sysctl_value", "Value of a kernel parameter, where it is a number"),
  SYSCTL_TEXT(
      "drydock_host_sysctl_text", "1: the kernel parameter has the value, where it is none"),
  BEACON_DISTANCE("drydock_host_beacon_sync_distance", "How many slots the beacon node is behind"),
  LOG_LINES("drydock_host_log_lines", "Lines that match the pattern of a check, within its time"),
  REDIS_CLIENTS("drydock_host_redis_connected_clients", "Clients of the Redis server"),
  REDIS_CLIENTS_MAX("drydock_host_redis_maxclients", "Clients that the Redis server admits"),
  COMMAND_STATUS("drydock_host_command_exit_status", "How the command of a check ended"),
  FILE_SIZE("drydock_host_file_size_bytes", "Size of the file of a check"),
  FILE_CHANGED(
      "drydock_host_file_modified_timestamp_seconds",
      "When the file was last changed, in seconds since 1970"),
  CERTIFICATE_EXPIRY(
      "drydock_host_certificate_expiry_timestamp_seconds",
      "When the certificate ends, in seconds since 1970");

  private final String series;
  private final String help;

  Metric(String series, String help) {
    this.series = series;
    this.help = help;
  }

  /** The name that Prometheus knows it by. */
  public String series() {
    return series;
  }

  /** What it is, in a sentence. */
  public String help() {
    return help;
  }

  /** Whether it only grows. */
  public boolean isCounter() {
    return series.endsWith("_total");
  }
}
