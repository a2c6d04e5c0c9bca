package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.HostSelection;
import dev.drydock.api.v1alpha1.common.Severity;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing that is demanded of hosts. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "[has(self.systemd), has(self.memory), has(self.disk), has(self.load),"
            + " has(self.swap), has(self.pm2), has(self.http), has(self.logs),"
            + " has(self.postgresql), has(self.redis), has(self.urls),"
            + " has(self.prometheus), has(self.beaconNode), has(self.command),"
            + " has(self.sysctl), has(self.file), has(self.certificate),"
            + " has(self.timeOffset)].filter(x, x).size() == 1",
    message =
        "a check has exactly one kind; set one of systemd, memory, disk, load,"
            + " swap, pm2, http, logs, postgresql, redis, urls, prometheus,"
            + " beaconNode, command, sysctl, file, certificate, timeOffset")
@ValidationRule(
    value = "!(self.name in ['unreachable', 'unanswered'])",
    message =
        "the names unreachable and unanswered are taken by Drydock's own alerts: choose another")
@ValidationRule(
    value =
        "!has(self.remedy) || has(self.disk) || !self.remedy.steps.exists(s,"
            + " has(s.cleanDisk))",
    message = "cleanDisk is a remedy for disk checks alone")
@ValidationRule(
    value =
        "!has(self.remedy) || has(self.pm2) || !self.remedy.steps.exists(s,"
            + " (has(s.stop) && s.stop.pm2 == 'offender') || (has(s.recordConfig) &&"
            + " s.recordConfig.pm2 == 'offender'))",
    message = "'offender' is known to pm2 checks alone: name the process")
@ValidationRule(
    value =
        "!has(self.overrides) || self.overrides.all(o, has(o.memory) =="
            + " has(self.memory) && has(o.disk) == has(self.disk) && has(o.load) =="
            + " has(self.load) && has(o.swap) == has(self.swap))",
    message = "an override has the same kind as its check: memory, disk, load or swap")
public record Check(
    @Required
        @Size(min = 1, max = 63)
        @Pattern(Formats.NAME)
        @JsonPropertyDescription("The check's name, unique in this policy; alerts carry it.")
        String name,
    @Required
        @JsonPropertyDescription("How much it matters when it fails: Info, Warning or Critical.")
        Severity severity,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "How long it must have failed without a break before anybody is told. Default 0s.")
        @com.fasterxml.jackson.annotation.JsonProperty("for")
        @Nullable String forDuration,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "How long it must have been fine without a break before it counts as resolved. Default"
                + " 0s.")
        @Nullable String clearFor,
    @Size(max = 20)
        @JsonPropertyDescription("Other limits for some of the hosts; the first that fits counts.")
        List<CheckOverride> overrides,
    @JsonPropertyDescription("What is done when it fails.") @Nullable Remedy remedy,
    @JsonPropertyDescription("systemd units are active, or few have failed.")
        @Nullable Systemd systemd,
    @JsonPropertyDescription("Available memory does not run low.") @Nullable Memory memory,
    @JsonPropertyDescription("A file system does not fill up.") @Nullable Disk disk,
    @JsonPropertyDescription("The load average does not stay high.") @Nullable Load load,
    @JsonPropertyDescription("Swap is not used up.") @Nullable Swap swap,
    @JsonPropertyDescription("PM2 processes are online and do not keep restarting.")
        @Nullable Pm2 pm2,
    @JsonPropertyDescription("An endpoint answers as expected.") @Nullable Http http,
    @JsonPropertyDescription("Log lines of a pattern stay rare.") @Nullable Logs logs,
    @JsonPropertyDescription("A PostgreSQL database is in good shape.")
        @Nullable Postgresql postgresql,
    @JsonPropertyDescription("A Redis server answers and has room for clients.")
        @Nullable Redis redis,
    @JsonPropertyDescription("A list of URLs answers with status 2xx.") @Nullable Urls urls,
    @JsonPropertyDescription("A Prometheus query stays within a limit.")
        @Nullable Prometheus prometheus,
    @JsonPropertyDescription("An Ethereum beacon node is in sync and its validators attest.")
        @Nullable BeaconNode beaconNode,
    @JsonPropertyDescription("A command ends as expected. The Host must permit Command.")
        @Nullable Command command,
    @JsonPropertyDescription("A kernel parameter has its value.") @Nullable Sysctl sysctl,
    @JsonPropertyDescription("A file is there, is new enough and not too large.")
        @Nullable FileState file,
    @JsonPropertyDescription("A TLS certificate does not expire soon.")
        @Nullable Certificate certificate,
    @JsonPropertyDescription("The host's clock is right.") @Nullable TimeOffset timeOffset) {

  public Check {
    overrides = overrides == null ? List.of() : List.copyOf(overrides);
  }

  /** Other limits for some hosts. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record CheckOverride(
      @Required @JsonPropertyDescription("The hosts that have other limits.") HostSelection hosts,
      @JsonPropertyDescription("Limits of a memory check.") @Nullable Memory memory,
      @JsonPropertyDescription("Limits of a disk check.") @Nullable Disk disk,
      @JsonPropertyDescription("Limits of a load check.") @Nullable Load load,
      @JsonPropertyDescription("Limits of a swap check.") @Nullable Swap swap) {}
}
