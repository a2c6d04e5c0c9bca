package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A limit of a Prometheus query. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.above) != has(self.below)",
    message = "set exactly one of above and below")
public record Prometheus(
    @Required
        @Size(max = 1024)
        @Pattern(Formats.HTTP_URL)
        @JsonPropertyDescription("Prometheus' address, without /api/v1.")
        String url,
    @JsonPropertyDescription(
            "True: reached through the host's SSH server, for a Prometheus on its" + " localhost.")
        @Nullable Boolean viaHost,
    @Required
        @Size(min = 1, max = 1024)
        @JsonPropertyDescription("A PromQL expression; the largest value of its result counts.")
        String query,
    @Size(max = 20)
        @Pattern(Formats.NUMBER)
        @JsonPropertyDescription("A value above this is an alert.")
        @Nullable String above,
    @Size(max = 20)
        @Pattern(Formats.NUMBER)
        @JsonPropertyDescription("A value below this is an alert.")
        @Nullable String below) {}
