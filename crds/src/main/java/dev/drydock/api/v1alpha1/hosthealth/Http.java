package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Demands on an endpoint. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Http(
    @Required
        @Size(max = 1024)
        @Pattern(Formats.HTTP_URL)
        @JsonPropertyDescription("What is fetched with GET. Redirects are not followed.")
        String url,
    @JsonPropertyDescription(
            "True: fetched on the host itself, so that localhost is the host's own."
                + " Default false: from the pod.")
        @Nullable Boolean viaHost,
    @Min(100) @Max(599) @JsonPropertyDescription("The status that is expected. Default 200.")
        @Nullable Integer status,
    @JsonPropertyDescription("What the answer must hold as JSON.") @Nullable JsonExpectation json,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("How long an answer may take. Default 5s.")
        @Nullable String timeout,
    @JsonPropertyDescription(
            "True: an endpoint that refuses the connection is fine. Default false.")
        @Nullable Boolean optional) {}
