package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A TLS certificate. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.address) != has(self.file)",
    message = "set exactly one of address and file")
@ValidationRule(
    value =
        "!has(self.address) || (int(self.address.find('[0-9]+$')) >= 1 &&"
            + " int(self.address.find('[0-9]+$')) <= 65535)",
    message = "a port is a number from 1 to 65535: correct it in address")
public record Certificate(
    @Size(max = 260)
        @Pattern(Formats.SERVER)
        @JsonPropertyDescription("Host name and port of a TLS server, for example example.com:443.")
        @Nullable String address,
    @Size(max = 1024)
        @Pattern(Formats.ABSOLUTE_PATH)
        @JsonPropertyDescription("A PEM file on the host, instead of address.")
        @Nullable String file,
    @Required
        @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("Expiring sooner than this is an alert, for example 21d.")
        String expiresWithin) {}
