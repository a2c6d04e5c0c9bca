package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Demands on PM2 processes of the SSH user. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.restartsAbove) == has(self.within)",
    message = "restartsAbove and within belong together: set both or none")
@ValidationRule(
    value = "(has(self.allOnline) && self.allOnline) || has(self.restartsAbove)",
    message = "set allOnline to true, or restartsAbove and within")
public record Pm2(
    @JsonPropertyDescription("True: every process must be online.") @Nullable Boolean allOnline,
    @Min(0)
        @Max(10000)
        @JsonPropertyDescription(
            "More restarts of one process than this, within the time of within, is"
                + " an alert. Restarts that Drydock made do not count.")
        @Nullable Integer restartsAbove,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("The time in which restarts are counted, for example 5m.")
        @Nullable String within,
    @Size(max = 100)
        @JsonPropertyDescription("Names of the processes that are meant. Default: all.")
        List<@Size(max = 128) @Pattern(Formats.PROCESS) String> processes) {

  public Pm2 {
    processes = processes == null ? List.of() : List.copyOf(processes);
  }
}
