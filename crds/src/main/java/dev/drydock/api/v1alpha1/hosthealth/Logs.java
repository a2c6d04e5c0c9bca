package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Limits of log lines. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "[has(self.pm2), has(self.journal), has(self.file)].filter(x, x).size()" + " == 1",
    message = "set exactly one of pm2, journal and file")
public record Logs(
    @Size(max = 128)
        @Pattern(Formats.PROCESS)
        @JsonPropertyDescription("all, or the name of a PM2 process whose logs are read.")
        @Nullable String pm2,
    @Size(max = 255)
        @Pattern(Formats.UNIT)
        @JsonPropertyDescription("A systemd unit whose journal is read.")
        @Nullable String journal,
    @Size(max = 1024)
        @Pattern(Formats.ABSOLUTE_PATH)
        @JsonPropertyDescription("A log file that is read.")
        @Nullable String file,
    @Required
        @Size(min = 1, max = 256)
        @JsonPropertyDescription(
            "A POSIX extended regular expression that lines are matched with. Case matters:"
                + " [Ee][Rr][Rr][Oo][Rr] finds ERROR, too.")
        String pattern,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "How far back lines count, for example 7d. Default: since the last look that the host"
                + " answered, but no more than a day; with a schedule, the longest time between"
                + " two looks.")
        @Nullable String since,
    @Min(0)
        @Max(1000000)
        @JsonPropertyDescription("More matching lines than this is an alert. Default 0.")
        @Nullable Integer above) {}
