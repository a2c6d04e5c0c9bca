package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A kernel parameter. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Sysctl(
    @Required
        @Size(max = 256)
        @Pattern(Formats.PARAMETER)
        @JsonPropertyDescription("Its name, for example vm.swappiness.")
        String key,
    @Required @Size(max = 256) @JsonPropertyDescription("Its value, as sysctl prints it.")
        String expect) {}
