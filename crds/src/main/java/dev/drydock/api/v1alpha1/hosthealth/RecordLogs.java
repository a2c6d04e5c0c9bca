package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Which log lines are recorded. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.pm2) != has(self.journal)",
    message = "set exactly one of pm2 and journal")
public record RecordLogs(
    @Size(max = 128)
        @Pattern(Formats.PROCESS)
        @JsonPropertyDescription("all, offender, or the name of a PM2 process.")
        @Nullable String pm2,
    @Size(max = 255)
        @Pattern(Formats.UNIT)
        @JsonPropertyDescription("A systemd unit, instead of pm2.")
        @Nullable String journal,
    @Default("100")
        @Min(1)
        @Max(1000)
        @JsonPropertyDescription("How many of the last lines. Default 100.")
        @Nullable Integer lines,
    @Size(max = 256) @JsonPropertyDescription("Only lines that match this regular expression.")
        @Nullable String matching) {}
