package dev.drydock.api.v1alpha1.host;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Condition;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was last seen of a host. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record HostStatus(
    @JsonPropertyDescription("The metadata.generation that this status was derived from.")
        @Nullable Long observedGeneration,
    @Size(max = 8)
        @JsonPropertyDescription(
            "Ready: True with reason ProbeSucceeded, or why the host can't be used. Reconciling:"
                + " something changed that is not proven yet. Stalled: somebody has to mend it.")
        List<Condition> conditions,
    @JsonPropertyDescription("What the host is, as it said itself when it was last reached.")
        @Nullable Facts facts,
    @Size(max = 100)
        @JsonPropertyDescription("SHA256 fingerprint of the pinned key that the host showed.")
        @Nullable String hostKeyFingerprint,
    @JsonPropertyDescription(
            "When the host was last probed. While nothing changes it is brought up to date once an"
                + " hour; the metric drydock_host_last_probe_timestamp_seconds has it exactly.")
        @Nullable String lastProbeTime) {

  public HostStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
  }

  /** What a host is. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Facts(
      @JsonPropertyDescription("The host's own name.") @Nullable String hostname,
      @JsonPropertyDescription("Operating system, as /etc/os-release calls it.")
          @Nullable String os,
      @JsonPropertyDescription("Kernel release.") @Nullable String kernel,
      @JsonPropertyDescription("Machine architecture, for example x86_64.")
          @Nullable String architecture,
      @JsonPropertyDescription("Number of CPUs that are online.") @Nullable Integer cpus,
      @JsonPropertyDescription("Memory, for example 62Gi.") @Nullable String memory,
      @JsonPropertyDescription("Swap space; 0 where there is none.") @Nullable String swap,
      @JsonPropertyDescription("Size of the file system of /.") @Nullable String rootDisk,
      @JsonPropertyDescription("Identifies this boot; a reboot changes it.")
          @Nullable String bootId,
      @JsonPropertyDescription("When the host was booted.") @Nullable String bootTime,
      @JsonPropertyDescription("systemd, or the name of process 1.") @Nullable String initSystem,
      @JsonPropertyDescription("Version of Docker; absent where it is not installed.")
          @Nullable String dockerVersion) {}
}
