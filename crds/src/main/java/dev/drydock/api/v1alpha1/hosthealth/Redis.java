package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.SecretReference;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Demands on a Redis server. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Redis(
    @Required
        @Size(max = 512)
        @Pattern(Formats.REDIS_URL)
        @JsonPropertyDescription(
            "The server, for example redis://localhost:6379; the password belongs"
                + " into a Secret.")
        String url,
    @JsonPropertyDescription("True: reached through the host's SSH server.")
        @Nullable Boolean viaHost,
    @JsonPropertyDescription(
            "Secret with the key password, and username where the server has users.")
        @Nullable SecretReference passwordSecret,
    @Min(1)
        @Max(100)
        @JsonPropertyDescription(
            "A larger share of maxclients connected than this is an alert, in"
                + " percent. Default: only that it answers.")
        @Nullable Integer clientsPercentAbove) {}
