package dev.drydock.work;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.hosthealth.Postgresql;
import dev.drydock.api.v1alpha1.hosthealth.Redis;
import dev.drydock.api.v1alpha1.maintenance.Audit;
import dev.drydock.api.v1alpha1.maintenance.Audit.AuditSysctl;
import dev.drydock.kernel.Durations;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Looker.Seen;
import dev.drydock.probe.Looker.Unseen;
import dev.drydock.work.WorkAssignment.Target;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares settings with what they should be, and mends kernel parameters if it is told to. */
record Audits(Audit spec) implements HostWork {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final long ANSWER_MILLIS = 5000;
  private static final int REDIS_PORT = 6379;
  private static final String SYSCTL = "sysctl ";

  private static final int OVERRULED = 76;

  // sysctl.d(5): files are read in the order of their names, whatever directory they are in, and
  // the last one wins: Debian's 99-sysctl.conf is /etc/sysctl.conf. Without systemd that is read
  // after all of them.
  private static final String FIX =
      Shell.COMMON
          + """
          line="$1 = $2"
          file=$3/zz-drydock-$(printf '%s' "$1" | tr / -).conf
          if [ "$(cat "$file" 2>/dev/null)" != "$line" ]; then
            kept 2000 as_root sh -c '
              umask 022
              mkdir -p "${1%/*}" && printf "%s\\n" "$2" >"$1.part" && mv "$1.part" "$1"
            ' sh "$file" "$line" || exit $?
          fi
          kept 2000 as_root sysctl -q -w -- "$1=$2" || exit $?
          [ ! -d /run/systemd/system ] || exit 0
          key=$(printf '%s' "$1" | sed 's/[^A-Za-z0-9_-]/./g')
          last=$(grep "^[[:space:]]*-\\{0,1\\}$key[[:space:]]*=" "${3%.d}.conf" | tail -n 1)
          [ -z "$last" ] ||
            [ "$(printf '%s' "${last#*=}" | tr -d '[:space:]')" = "$(printf '%s' "$2" | tr -d '[:space:]')" ] ||
            exit 76
          """;

  /** None: what must be permitted to mend something is told with what is wrong. */
  @Override
  public List<Permit> permits() {
    return List.of();
  }

  @Override
  public boolean needsRoot(Target target) {
    return false;
  }

  @Override
  public List<String> touches() {
    return List.of();
  }

  @Override
  public Done on(Site site) throws InterruptedException {
    var demands = new LinkedHashMap<String, Demand>();
    spec.sysctl()
        .forEach(
            sysctl ->
                demands.put(
                    SYSCTL + sysctl.key(), new Demand.Sysctl(sysctl.key(), sysctl.expect())));
    demands.putAll(services(spec));
    var wrong = new ArrayList<String>();
    var mended = new ArrayList<String>();
    int fine = 0;
    switch (demands.isEmpty() ? new Seen(Map.of(), "", "") : site.look(demands, SOON)) {
      case Unseen unseen -> wrong.add("the host can't be looked at: " + unseen.message());
      case Seen seen -> {
        for (var entry : demands.entrySet()) {
          Finding finding = seen.findings().get(entry.getKey());
          if (finding instanceof Fine) {
            fine++;
          } else if (finding instanceof Bad bad && entry.getKey().startsWith(SYSCTL)) {
            sysctl(site, entry.getKey().substring(SYSCTL.length()), bad, wrong, mended);
          } else if (finding != null) {
            wrong.add(finding.message());
          }
        }
      }
    }
    if (spec.pm2() != null) {
      List<String> offenders = unlimited(Pm2List.of(site));
      wrong.addAll(offenders);
      fine += offenders.isEmpty() ? 1 : 0;
    }
    return done(fine, wrong, mended);
  }

  /** What is wrong goes first; and how many things are as they should be. */
  static Done done(int fine, List<String> wrong, List<String> mended) {
    var parts = new ArrayList<>(wrong);
    parts.addAll(mended);
    int all = fine + wrong.size() + mended.size();
    parts.add(fine + " of " + all + " were as they should be");
    return new Done(wrong.isEmpty() ? Outcome.Succeeded : Outcome.Failed, String.join("; ", parts));
  }

  private void sysctl(Site site, String key, Bad bad, List<String> wrong, List<String> mended)
      throws InterruptedException {
    AuditSysctl sysctl =
        spec.sysctl().stream().filter(one -> one.key().equals(key)).findFirst().orElseThrow();
    if (!isTrue(sysctl.fix())) {
      wrong.add(bad.message());
      return;
    }
    Target target = site.target();
    boolean root = target.sudo() || target.reach().user().equals("root");
    if (!target.permits().contains(Permit.Update) || !root) {
      wrong.add(
          bad.message()
              + ", and the Host does not "
              + (root
                  ? "permit Update to mend it: add it to its spec.permits"
                  : "give its SSH user root to mend it: set its spec.sudo to Passwordless"));
      return;
    }
    try {
      Site.Ended ended = site.run("mend " + key, fix(key, sysctl.expect(), "/etc/sysctl.d"), SOON);
      Map<String, Demand> again = Map.of(key, new Demand.Sysctl(key, sysctl.expect()));
      boolean right =
          site.look(again, SOON) instanceof Seen seen && seen.findings().get(key) instanceof Fine;
      if (ended.status() == OVERRULED && right) {
        wrong.add(
            key
                + " was "
                + bad.value()
                + " and is "
                + sysctl.expect()
                + " now, until the next boot: the host's /etc/sysctl.conf says otherwise, and is"
                + " read last: correct it there");
      } else if (ended.isFine() && right) {
        mended.add(key + " was " + bad.value() + " and is " + sysctl.expect() + " now, for good");
      } else {
        wrong.add(
            bad.message() + ", and could not be set: " + PackageManager.last(ended.output(), 2));
      }
    } catch (Undone e) {
      wrong.add(bad.message() + ", and could not be set: " + e.why());
    }
  }

  /** Sets it now, and writes it down once for the next boot. */
  static Script fix(String key, String value, String directory) {
    return Script.of(FIX, List.of(key, value, directory));
  }

  static List<String> unlimited(Pm2List list) {
    if (list.problem().isPresent()) {
      return List.of(list.problem().get());
    }
    List<String> names = list.names(process -> process.maxMemoryRestart() == 0);
    return names.isEmpty()
        ? List.of()
        : List.of("PM2: no max_memory_restart for " + String.join(", ", names));
  }

  /** What is asked of services, from here or by way of a host. */
  static Map<String, Demand> services(Audit spec) {
    var demands = new LinkedHashMap<String, Demand>();
    if (!spec.urls().isEmpty()) {
      demands.put("urls", new Demand.Urls(spec.urls(), false, ANSWER_MILLIS));
    }
    if (spec.postgresql() != null) {
      demands.put("postgresql", postgresql(spec.postgresql()));
    }
    if (spec.redis() != null) {
      demands.put("redis", redis(spec.redis()));
    }
    return demands;
  }

  private static Demand redis(Redis redis) {
    URI url = URI.create(redis.url());
    return url.getHost() == null
        ? new Demand.Refused("the url of redis can't be used: correct it")
        : new Demand.Redis(
            url.getHost().replaceAll("^\\[|\\]$", ""),
            url.getPort() < 0 ? REDIS_PORT : url.getPort(),
            "rediss".equals(url.getScheme()),
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

  @Override
  public Reach reach() {
    return spec.sysctl().isEmpty()
            && spec.pm2() == null
            && (spec.postgresql() == null || !isTrue(spec.postgresql().viaHost()))
            && (spec.redis() == null || !isTrue(spec.redis().viaHost()))
        ? Reach.NONE
        : Reach.EACH;
  }

  @Override
  public Done fromHere(Site.Means means, Instant end) {
    Map<String, Finding> findings =
        means.looker().lookFromHere(services(spec), means.credentials(), SOON);
    List<String> wrong =
        findings.values().stream()
            .filter(finding -> !(finding instanceof Fine))
            .map(Finding::message)
            .toList();
    return done(findings.size() - wrong.size(), wrong, List.of());
  }

  private static boolean isTrue(@Nullable Boolean value) {
    return Boolean.TRUE.equals(value);
  }
}
