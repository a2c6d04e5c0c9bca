package dev.drydock.probe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a check demands of one host, with the overrides for that host applied. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Demand.Units.class, name = "systemd"),
  @JsonSubTypes.Type(value = Demand.Memory.class, name = "memory"),
  @JsonSubTypes.Type(value = Demand.Disk.class, name = "disk"),
  @JsonSubTypes.Type(value = Demand.Load.class, name = "load"),
  @JsonSubTypes.Type(value = Demand.Swap.class, name = "swap"),
  @JsonSubTypes.Type(value = Demand.Pm2.class, name = "pm2"),
  @JsonSubTypes.Type(value = Demand.Http.class, name = "http"),
  @JsonSubTypes.Type(value = Demand.Urls.class, name = "urls"),
  @JsonSubTypes.Type(value = Demand.Prometheus.class, name = "prometheus"),
  @JsonSubTypes.Type(value = Demand.BeaconNode.class, name = "beaconNode"),
  @JsonSubTypes.Type(value = Demand.Logs.class, name = "logs"),
  @JsonSubTypes.Type(value = Demand.Redis.class, name = "redis"),
  @JsonSubTypes.Type(value = Demand.Postgresql.class, name = "postgresql"),
  @JsonSubTypes.Type(value = Demand.Command.class, name = "command"),
  @JsonSubTypes.Type(value = Demand.Sysctl.class, name = "sysctl"),
  @JsonSubTypes.Type(value = Demand.FileState.class, name = "file"),
  @JsonSubTypes.Type(value = Demand.Certificate.class, name = "certificate"),
  @JsonSubTypes.Type(value = Demand.TimeOffset.class, name = "timeOffset"),
  @JsonSubTypes.Type(value = Demand.Refused.class, name = "refused")
})
public sealed interface Demand {

  /**
   * systemd units.
   *
   * @param active units that must be active; a name without a suffix is a service's
   * @param failedAbove more units than this in state failed is wrong; null: not asked
   */
  record Units(List<String> active, @Nullable Integer failedAbove) implements Demand {
    public Units {
      active = List.copyOf(active);
    }
  }

  /**
   * Available memory, as {@code MemAvailable} of proc_meminfo(5) counts it.
   *
   * @param atLeastBytes null: not asked
   * @param atLeastPercent of all memory; null: not asked
   */
  record Memory(@Nullable Long atLeastBytes, @Nullable Integer atLeastPercent) implements Demand {}

  /**
   * The file system that {@code path} lies on.
   *
   * @param usedPercentAbove as df(1) counts: of what is not reserved; null: not asked
   * @param availableBelowBytes null: not asked
   * @param inodesUsedPercentAbove null: not asked
   */
  record Disk(
      String path,
      @Nullable Integer usedPercentAbove,
      @Nullable Long availableBelowBytes,
      @Nullable Integer inodesUsedPercentAbove)
      implements Demand {}

  /**
   * A load average (proc_loadavg(5)).
   *
   * @param minutes 1, 5 or 15
   * @param above for the whole host; null: not asked
   * @param abovePerCpu for each CPU; null: not asked
   */
  record Load(int minutes, @Nullable Double above, @Nullable Double abovePerCpu)
      implements Demand {}

  /** Swap in use, in percent of all swap. */
  record Swap(int usedPercentAbove) implements Demand {}

  /**
   * PM2 processes of the SSH user.
   *
   * @param restartsAbove more restarts of one process than these are wrong; null: not asked
   * @param withinSeconds the time in which restarts count; null together with it
   * @param processes those that are meant; none: all
   */
  record Pm2(
      boolean allOnline,
      @Nullable Integer restartsAbove,
      @Nullable Long withinSeconds,
      List<String> processes)
      implements Demand {
    public Pm2 {
      processes = List.copyOf(processes);
    }
  }

  /**
   * An endpoint.
   *
   * @param viaHost whether the host asks, instead of this process
   * @param jsonPath where in the answer {@code jsonEquals} stands; null: not asked
   * @param optional whether it is fine that nobody listens
   */
  record Http(
      String url,
      boolean viaHost,
      int status,
      @Nullable String jsonPath,
      @Nullable String jsonEquals,
      long timeoutMillis,
      boolean optional)
      implements Demand {}

  /** Endpoints that answer with a status of 2xx. */
  record Urls(List<String> urls, boolean viaHost, long timeoutMillis) implements Demand {
    public Urls {
      urls = List.copyOf(urls);
    }
  }

  /** The largest value of a PromQL expression's result; exactly one limit is not null. */
  record Prometheus(
      String url, boolean viaHost, String query, @Nullable Double above, @Nullable Double below)
      implements Demand {}

  /**
   * An Ethereum beacon node.
   *
   * @param maxSyncDistance in slots; null: not asked
   * @param validators indices that must attest; may be empty
   */
  record BeaconNode(
      String url,
      boolean viaHost,
      @Nullable Integer maxSyncDistance,
      List<Long> validators,
      int missedSlotsAbove)
      implements Demand {
    public BeaconNode {
      validators = List.copyOf(validators);
    }
  }

  /**
   * Log lines; exactly one of the first three is not null.
   *
   * @param pm2 a PM2 process, or {@code all}
   * @param journal a systemd unit
   * @param file a path
   * @param pattern a POSIX extended regular expression
   * @param extent how much of what was written since then must be read
   */
  record Logs(
      @Nullable String pm2,
      @Nullable String journal,
      @Nullable String file,
      String pattern,
      long sinceSeconds,
      int above,
      Extent extent)
      implements Demand {
    private static final Duration OVERLAP = Duration.ofSeconds(5);
    private static final Duration FARTHEST = Duration.ofDays(1);

    public Logs {
      extent = extent == null ? Extent.ALL : extent;
    }

    public Logs(
        @Nullable String pm2,
        @Nullable String journal,
        @Nullable String file,
        String pattern,
        long sinceSeconds,
        int above) {
      this(pm2, journal, file, pattern, sinceSeconds, above, Extent.ALL);
    }

    /** How much of a log must have been read. */
    public enum Extent {
      /** All since then. */
      ALL,
      /** All since the last look; what is given is the time that should lie between two. */
      LAST_LOOK,
      /** The newest part of a long one will do. */
      NEWEST
    }

    /**
     * The same for a host that answered {@code ago} for the last time, with a little that was read
     * before: no line must be missed. Not more than a day beyond what should lie between two looks.
     */
    public Logs after(Duration ago) {
      if (extent != Extent.LAST_LOOK) {
        return this;
      }
      long farthest = sinceSeconds + FARTHEST.toSeconds();
      long seconds = Math.clamp(ago.toSeconds(), sinceSeconds, farthest) + OVERLAP.toSeconds();
      return new Logs(pm2, journal, file, pattern, seconds, above, extent);
    }

    /** All of these demands, with {@link #after} for those of logs. */
    public static Map<String, Demand> after(Map<String, Demand> demands, Duration ago) {
      var since = new HashMap<String, Demand>();
      demands.forEach(
          (check, demand) ->
              since.put(check, demand instanceof Logs logs ? logs.after(ago) : demand));
      return since;
    }
  }

  /**
   * A Redis server.
   *
   * @param clientsPercentAbove of maxclients; null: only that it answers
   * @param passwordSecret the Secret with the keys password and, where there are users, username;
   *     null: it asks for none
   */
  record Redis(
      String host,
      int port,
      boolean tls,
      boolean viaHost,
      @Nullable Integer clientsPercentAbove,
      @Nullable String passwordSecret)
      implements Demand {}

  /**
   * A PostgreSQL database; limits that are null are not asked.
   *
   * @param secretName the Secret that says where it is, and by whom it is asked
   * @param viaHost whether it is reached through the host's SSH server
   * @param connectionsPercentAbove of those that are not kept for superusers
   * @param deadRowsPercentAbove of all rows of one table
   * @param bloatPercentAbove unused space, of all space of one table
   */
  record Postgresql(
      String secretName,
      boolean viaHost,
      @Nullable Integer connectionsPercentAbove,
      @Nullable Integer tablesWithoutPrimaryKey,
      @Nullable Integer deadRowsPercentAbove,
      @Nullable Integer bloatPercentAbove,
      @Nullable Long replicationLagAboveMillis)
      implements Demand {}

  /**
   * A program that is run on the host.
   *
   * @param outputMatches a POSIX extended regular expression; null: not asked
   */
  record Command(
      List<String> command, int exitCode, @Nullable String outputMatches, long timeoutMillis)
      implements Demand {
    public Command {
      command = List.copyOf(command);
    }
  }

  /** A kernel parameter. */
  record Sysctl(String key, String expect) implements Demand {}

  /** A file that is there; limits that are null are not asked. */
  record FileState(
      String path,
      @Nullable Long olderThanSeconds,
      @Nullable Long largerThanBytes,
      @Nullable Long smallerThanBytes)
      implements Demand {}

  /** A certificate of a TLS server, or in a PEM file on the host: one of both is not null. */
  record Certificate(@Nullable String address, @Nullable String file, long expiresWithinSeconds)
      implements Demand {}

  /** How wrong the host's clock is. */
  record TimeOffset(long aboveMillis) implements Demand {}

  /** What may not, or can't, be looked at; nothing is asked of the host. */
  record Refused(String why) implements Demand {}
}
