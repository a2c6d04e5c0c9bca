package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Limits of the load average. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.above) != has(self.abovePerCpu)",
    message = "set exactly one of above and abovePerCpu")
public record Load(
    @Default("1m")
        @JsonPropertyDescription("Which of the three load averages: 1m, 5m or 15m. Default 1m.")
        @Nullable Average average,
    @Size(max = 12)
        @Pattern(Formats.DECIMAL)
        @JsonPropertyDescription(
            "A load above this is an alert, for the whole host, for example \"4.0\".")
        @Nullable String above,
    @Size(max = 12)
        @Pattern(Formats.DECIMAL)
        @JsonPropertyDescription("A load above this for each CPU is an alert, for example \"1.5\".")
        @Nullable String abovePerCpu) {}
