package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A PM2 process. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Pm2Target(
    @Required
        @Size(max = 128)
        @Pattern(Formats.PROCESS)
        @JsonPropertyDescription(
            "The name of a PM2 process; offender is the one that the check found.")
        String pm2) {}
