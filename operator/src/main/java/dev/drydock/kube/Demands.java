package dev.drydock.kube;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.hosthealth.BeaconNode;
import dev.drydock.api.v1alpha1.hosthealth.Certificate;
import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.Check.CheckOverride;
import dev.drydock.api.v1alpha1.hosthealth.Command;
import dev.drydock.api.v1alpha1.hosthealth.Disk;
import dev.drydock.api.v1alpha1.hosthealth.FileState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.api.v1alpha1.hosthealth.Http;
import dev.drydock.api.v1alpha1.hosthealth.Load;
import dev.drydock.api.v1alpha1.hosthealth.Logs;
import dev.drydock.api.v1alpha1.hosthealth.Memory;
import dev.drydock.api.v1alpha1.hosthealth.Pm2;
import dev.drydock.api.v1alpha1.hosthealth.Postgresql;
import dev.drydock.api.v1alpha1.hosthealth.Prometheus;
import dev.drydock.api.v1alpha1.hosthealth.Redis;
import dev.drydock.api.v1alpha1.hosthealth.Swap;
import dev.drydock.api.v1alpha1.hosthealth.Systemd;
import dev.drydock.api.v1alpha1.hosthealth.Urls;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Sizes;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Demand.Logs.Extent;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a policy's checks demand of one host. Pure. */
public final class Demands {
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration PROGRAM = Duration.ofSeconds(10);
  private static final Duration ANY_DAY = Duration.ofDays(1);
  private static final Pattern REDIS =
      Pattern.compile("(rediss?)://(\\[[^\\s/@]+\\]|[^\\s/@:]+)(?::([0-9]{1,5}))?(?:/[0-9]{1,2})?");

  /** Looking ahead from one and the same time always gives the same demands. */
  private static final Instant SOME_TIME = Instant.parse("2026-01-01T00:00:00Z");

  private static final int RUNS = 30;

  private Demands() {}

  /** By the check's name, with the first override that selects the host. */
  public static Map<String, Demand> of(HostHealthPolicySpec spec, Host host) {
    String name = host.getMetadata().getName();
    Map<String, String> labels = Coverage.labels(host);
    var demands = new LinkedHashMap<String, Demand>();
    for (Check check : spec.checks()) {
      demand(check, override(check, name, labels), spec, host)
          .ifPresent(demand -> demands.put(check.name(), demand));
    }
    return demands;
  }

  private static @Nullable CheckOverride override(
      Check check, String host, Map<String, String> labels) {
    return check.overrides().stream()
        .filter(override -> HostSelector.selects(override.hosts(), host, labels))
        .findFirst()
        .orElse(null);
  }

  private static Optional<Demand> demand(
      Check check, @Nullable CheckOverride override, HostHealthPolicySpec spec, Host host) {
    if (check.systemd() != null) {
      return Optional.of(units(check.systemd()));
    }
    if (check.memory() != null) {
      return Optional.of(
          memory(
              override != null && override.memory() != null ? override.memory() : check.memory()));
    }
    if (check.disk() != null) {
      return Optional.of(
          disk(override != null && override.disk() != null ? override.disk() : check.disk()));
    }
    if (check.load() != null) {
      return Optional.of(
          load(override != null && override.load() != null ? override.load() : check.load()));
    }
    if (check.swap() != null) {
      return Optional.of(
          swap(override != null && override.swap() != null ? override.swap() : check.swap()));
    }
    return Optional.ofNullable(service(check, spec))
        .or(() -> Optional.ofNullable(own(check, host)));
  }

  /** What runs on the host. */
  private static @Nullable Demand service(Check check, HostHealthPolicySpec spec) {
    if (check.pm2() != null) {
      return pm2(check.pm2());
    }
    if (check.http() != null) {
      return http(check.http());
    }
    if (check.urls() != null) {
      Urls urls = check.urls();
      return new Demand.Urls(urls.urls(), isTrue(urls.viaHost()), millis(urls.timeout(), ANSWER));
    }
    if (check.prometheus() != null) {
      Prometheus prometheus = check.prometheus();
      return new Demand.Prometheus(
          prometheus.url(),
          isTrue(prometheus.viaHost()),
          prometheus.query(),
          decimal(prometheus.above()),
          decimal(prometheus.below()));
    }
    if (check.beaconNode() != null) {
      BeaconNode node = check.beaconNode();
      return new Demand.BeaconNode(
          node.url(),
          isTrue(node.viaHost()),
          node.maxSyncDistance(),
          node.validators(),
          Objects.requireNonNullElse(node.missedSlotsAbove(), 1));
    }
    if (check.logs() != null) {
      Logs logs = check.logs();
      Duration since = logs.since() == null ? pause(spec) : Durations.parse(logs.since());
      return new Demand.Logs(
          logs.pm2(),
          logs.journal(),
          logs.file(),
          logs.pattern(),
          Math.max(1, since.toSeconds()),
          Objects.requireNonNullElse(logs.above(), 0),
          logs.since() == null ? Extent.LAST_LOOK : Extent.ALL);
    }
    if (check.postgresql() != null) {
      return postgresql(check.postgresql());
    }
    return check.redis() == null ? null : redis(check.redis());
  }

  /** What the host itself is like. */
  private static @Nullable Demand own(Check check, Host host) {
    if (check.command() != null) {
      return command(check.command(), host);
    }
    if (check.sysctl() != null) {
      return new Demand.Sysctl(check.sysctl().key(), check.sysctl().expect());
    }
    if (check.file() != null) {
      FileState file = check.file();
      return new Demand.FileState(
          file.path(),
          file.olderThan() == null ? null : Durations.parse(file.olderThan()).toSeconds(),
          bytes(file.largerThan()),
          bytes(file.smallerThan()));
    }
    if (check.certificate() != null) {
      Certificate certificate = check.certificate();
      return new Demand.Certificate(
          certificate.address(),
          certificate.file(),
          Durations.parse(certificate.expiresWithin()).toSeconds());
    }
    if (check.timeOffset() != null) {
      return new Demand.TimeOffset(Durations.parse(check.timeOffset().above()).toMillis());
    }
    return null;
  }

  private static Demand pm2(Pm2 pm2) {
    return new Demand.Pm2(
        isTrue(pm2.allOnline()),
        pm2.restartsAbove(),
        pm2.within() == null ? null : Math.max(1, Durations.parse(pm2.within()).toSeconds()),
        pm2.processes());
  }

  private static Demand http(Http http) {
    return new Demand.Http(
        http.url(),
        isTrue(http.viaHost()),
        Objects.requireNonNullElse(http.status(), 200),
        http.json() == null ? null : http.json().path(),
        http.json() == null ? null : http.json().equals(),
        millis(http.timeout(), ANSWER),
        isTrue(http.optional()));
  }

  private static Demand redis(Redis redis) {
    Matcher url = REDIS.matcher(redis.url());
    int port = url.matches() && url.group(3) != null ? Integer.parseInt(url.group(3)) : 6379;
    if (!url.matches() || port < 1 || port > 65535) {
      return new Demand.Refused("the url of the redis check can't be used: correct it");
    }
    return new Demand.Redis(
        url.group(2).replaceAll("^\\[|\\]$", ""),
        port,
        url.group(1).equals("rediss"),
        isTrue(redis.viaHost()),
        redis.clientsPercentAbove(),
        redis.passwordSecret() == null ? null : redis.passwordSecret().name());
  }

  private static Demand postgresql(Postgresql database) {
    return new Demand.Postgresql(
        database.secretName(),
        isTrue(database.viaHost()),
        database.connectionsPercentAbove(),
        database.tablesWithoutPrimaryKey(),
        database.deadRowsPercentAbove(),
        database.bloatPercentAbove(),
        database.replicationLagAbove() == null
            ? null
            : Durations.parse(database.replicationLagAbove()).toMillis());
  }

  private static Demand command(Command command, Host host) {
    return host.getSpec().permits().contains(Permit.Command)
        ? new Demand.Command(
            command.command(),
            Objects.requireNonNullElse(command.exitCode(), 0),
            command.outputMatches(),
            millis(command.timeout(), PROGRAM))
        : new Demand.Refused("the Host does not permit Command: add it to its spec.permits");
  }

  /** The longest time between two looks. */
  private static Duration pause(HostHealthPolicySpec spec) {
    if (spec.schedule() == null) {
      return Durations.parse(spec.interval(), ANY_DAY);
    }
    var schedule = CronSchedule.parse(spec.schedule(), Assignments.zone(spec));
    Duration longest = Duration.ZERO;
    Optional<Instant> run = schedule.next(SOME_TIME);
    for (int i = 0; i < RUNS && run.isPresent(); i++) {
      Optional<Instant> next = schedule.next(run.get());
      if (next.isPresent()) {
        Duration pause = Duration.between(run.get(), next.get());
        longest = pause.compareTo(longest) > 0 ? pause : longest;
      }
      run = next;
    }
    return longest.isZero() ? ANY_DAY : longest;
  }

  private static boolean isTrue(@Nullable Boolean value) {
    return Boolean.TRUE.equals(value);
  }

  private static long millis(@Nullable String duration, Duration otherwise) {
    return Math.max(1, Durations.parse(duration, otherwise).toMillis());
  }

  private static Demand units(Systemd systemd) {
    return new Demand.Units(systemd.units(), systemd.failedUnitsAbove());
  }

  private static Demand memory(Memory memory) {
    return new Demand.Memory(bytes(memory.availableBelow()), memory.availablePercentBelow());
  }

  private static Demand disk(Disk disk) {
    return new Demand.Disk(
        disk.path(),
        disk.usedPercentAbove(),
        bytes(disk.availableBelow()),
        disk.inodesUsedPercentAbove());
  }

  private static Demand load(Load load) {
    int minutes =
        switch (load.average()) {
          case FIVE -> 5;
          case FIFTEEN -> 15;
          case ONE -> 1;
          case null -> 1;
        };
    return new Demand.Load(minutes, decimal(load.above()), decimal(load.abovePerCpu()));
  }

  private static Demand swap(Swap swap) {
    return new Demand.Swap(swap.usedPercentAbove());
  }

  private static @Nullable Long bytes(@Nullable String quantity) {
    return quantity == null ? null : Sizes.parse(quantity);
  }

  private static @Nullable Double decimal(@Nullable String text) {
    return text == null ? null : Double.valueOf(text);
  }
}
