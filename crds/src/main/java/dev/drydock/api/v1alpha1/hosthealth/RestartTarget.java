package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** What is restarted. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.pm2) != has(self.systemd)",
    message = "set exactly one of pm2 and systemd")
public record RestartTarget(
    @Size(max = 50) @JsonPropertyDescription("Names of PM2 processes.")
        List<@Size(max = 128) @Pattern(Formats.PROCESS) String> pm2,
    @Size(max = 50) @JsonPropertyDescription("systemd units.")
        List<@Size(max = 255) @Pattern(Formats.UNIT) String> systemd) {

  public RestartTarget {
    pm2 = pm2 == null ? List.of() : List.copyOf(pm2);
    systemd = systemd == null ? List.of() : List.copyOf(systemd);
  }
}
