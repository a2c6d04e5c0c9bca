package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Restarts services of a host. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.pm2) || has(self.processes) || has(self.systemd)",
    message = "name what to restart: pm2, processes or systemd")
@ValidationRule(
    value = "!(has(self.pm2) && has(self.processes))",
    message = "set pm2 (all, or one name) or processes (several names), not both")
public record ServiceRestart(
    @Size(min = 1, max = 128)
        @Pattern(Formats.PROCESS)
        @JsonPropertyDescription(
            "all, which leaves out what is stopped, or the name of a PM2 process. It is reloaded where it runs in cluster mode, and"
                + " restarted elsewhere.")
        @Nullable String pm2,
    @Size(min = 1, max = 50)
        @JsonPropertyDescription("Names of several PM2 processes, instead of pm2.")
        List<@Size(min = 1, max = 128) @Pattern(Formats.PROCESS) String> processes,
    @Size(min = 1, max = 50) @JsonPropertyDescription("systemd units; .service may be left out.")
        List<@Size(min = 1, max = 255) @Pattern(Formats.UNIT) String> systemd,
    @Default("10s")
        @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "How long services get to settle before they are looked at." + " Default 10s.")
        @Nullable String settle,
    @JsonPropertyDescription("What must be so afterwards.") @Nullable Verify verify) {

  public ServiceRestart {
    processes = processes == null ? List.of() : List.copyOf(processes);
    systemd = systemd == null ? List.of() : List.copyOf(systemd);
  }
}
